package interop;

import static interop.Cluster.expect;
import static interop.Cluster.failureOf;
import static interop.Cluster.until;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;

/** The admin client on groups of both protocols: with members, without, and unknown ones. */
final class AdminGroups {
    private AdminGroups() {}

    static Object run(Cluster cluster) throws Exception {
        String topic = cluster.createTopic("orders", 2);
        Map<String, Object> observed = new TreeMap<>();
        try (Admin admin = cluster.admin()) {
            for (String protocol : List.of("classic", "consumer")) {
                observed.put(protocol + " with a member", withMember(cluster, admin, topic, protocol));
                observed.put(protocol + " without members", withoutMembers(admin, topic, cluster.name(protocol)));
            }
            observed.put("unknown", unknown(admin, topic, cluster.name("nobody")));
            observed.put("only offsets", onlyOffsets(admin, topic, cluster.name("bookkeeper")));
        }
        return observed;
    }

    private static Object withMember(Cluster cluster, Admin admin, String topic, String protocol) throws Exception {
        String group = cluster.name(protocol);
        GroupLedger ledger = new GroupLedger();
        var consumer = cluster.consumer("group.id", group, "group.protocol", protocol, "client.id", "reader",
            "group.instance.id", "first");
        GroupMember member = new GroupMember("one", ledger, consumer, (it, listener) -> it.subscribe(List.of(topic), listener));
        ledger.awaitShares(1, 2);
        Map<String, Object> observed = new TreeMap<>();
        observed.put("description", description(admin, group));
        Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0));
        observed.put("alter offsets", failureOf(() -> admin.alterConsumerGroupOffsets(group, offsets).all().get()));
        observed.put("delete offsets",
            failureOf(() -> admin.deleteConsumerGroupOffsets(group, offsets.keySet()).all().get()));
        observed.put("delete", failureOf(() -> admin.deleteConsumerGroups(List.of(group)).all().get()));
        member.leave();
        var remove = new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove("first")));
        observed.put("remove the static member that went", failureOf(() -> admin.removeMembersFromConsumerGroup(group, remove).all().get()));
        observed.put("remove it again", failureOf(() -> admin.removeMembersFromConsumerGroup(group, remove).all().get()));
        return observed;
    }

    private static Object description(Admin admin, String group) throws Exception {
        ConsumerGroupDescription it = until("a stable group", () -> {
            ConsumerGroupDescription now = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
            return now.groupState().toString().equals("Stable") ? now : null;
        });
        expect(it.members().size() == 1, "one member, not " + it.members());
        MemberDescription member = it.members().iterator().next();
        return Map.of(
            "type", it.type().toString(),
            "assignor", it.partitionAssignor(),
            "simple", it.isSimpleConsumerGroup(),
            "client", member.clientId(),
            "instance", member.groupInstanceId().orElse("none"),
            "assignment", GroupLedger.names(member.assignment().topicPartitions()),
            "listed as", listing(admin, group));
    }

    private static String listing(Admin admin, String group) throws Exception {
        Set<String> found = admin.listGroups().all().get().stream()
            .filter(it -> it.groupId().equals(group)).map(AdminGroups::text).collect(Collectors.toSet());
        ListGroupsOptions ofType = new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER));
        Set<String> consumerGroups = admin.listGroups(ofType).all().get().stream()
            .map(GroupListing::groupId).collect(Collectors.toSet());
        return found + (consumerGroups.contains(group) ? " among consumer groups" : " not among consumer groups");
    }

    private static String text(GroupListing it) {
        return it.type().map(Object::toString).orElse("?") + " " + it.protocol() + " "
            + it.groupState().map(Object::toString).orElse("?");
    }

    private static Object withoutMembers(Admin admin, String topic, String group) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        observed.put("state", until("an empty group", () -> {
            String state = admin.describeConsumerGroups(List.of(group)).all().get().get(group).groupState().toString();
            return state.equals("Empty") ? state : null;
        }));
        TopicPartition first = new TopicPartition(topic, 0);
        TopicPartition second = new TopicPartition(topic, 1);
        admin.alterConsumerGroupOffsets(group,
            Map.of(first, new OffsetAndMetadata(7, java.util.Optional.of(0), "by hand"), second, new OffsetAndMetadata(9))).all().get();
        observed.put("altered", offsets(admin, group));
        admin.deleteConsumerGroupOffsets(group, Set.of(second)).all().get();
        observed.put("one deleted", offsets(admin, group));
        observed.put("delete offsets of an unknown partition", failureOf(
            () -> admin.deleteConsumerGroupOffsets(group, Set.of(new TopicPartition(topic, 77))).all().get()));
        admin.deleteConsumerGroups(List.of(group)).all().get();
        observed.put("once deleted", failureOf(() -> admin.describeConsumerGroups(List.of(group)).all().get()));
        return observed;
    }

    private static Map<String, String> offsets(Admin admin, String group) throws Exception {
        Map<String, String> result = new TreeMap<>();
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().forEach((partition, it) -> {
            String epoch = it.leaderEpoch().map(Object::toString).orElse("none");
            result.put(String.valueOf(partition.partition()), it.offset() + " epoch " + epoch + " metadata '" + it.metadata() + "'");
        });
        return result;
    }

    private static Object unknown(Admin admin, String topic, String group) throws Exception {
        Set<TopicPartition> partitions = new HashSet<>(Set.of(new TopicPartition(topic, 0)));
        return Map.of(
            "describe", failureOf(() -> admin.describeConsumerGroups(List.of(group)).all().get()),
            "delete", failureOf(() -> admin.deleteConsumerGroups(List.of(group)).all().get()),
            "delete offsets", failureOf(() -> admin.deleteConsumerGroupOffsets(group, partitions).all().get()),
            "offsets", offsets(admin, group));
    }

    /** A group that only ever was a place for offsets. */
    private static Object onlyOffsets(Admin admin, String topic, String group) throws Exception {
        admin.alterConsumerGroupOffsets(group, Map.of(new TopicPartition(topic, 1), new OffsetAndMetadata(3))).all().get();
        ConsumerGroupDescription it = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        return Map.of("offsets", offsets(admin, group), "state", it.groupState().toString(), "type", it.type().toString(),
            "simple", it.isSimpleConsumerGroup());
    }
}
