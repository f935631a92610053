package interop;

import static interop.Cluster.expect;
import static interop.Cluster.failureOf;
import static interop.Cluster.until;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** The admin client on topics and on the cluster: what succeeds, and what every mistake is called. */
final class AdminTopics {
    private static final short ONE = 1;

    private AdminTopics() {}

    static Object run(Cluster cluster) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        try (Admin admin = cluster.admin()) {
            observed.put("cluster", cluster(admin));
            observed.put("creation", creation(admin, cluster));
            observed.put("refused creations", refusedCreations(admin, cluster));
            observed.put("description", description(admin, cluster));
            observed.put("partitions", partitions(admin, cluster));
            observed.put("elections", elections(admin, cluster));
            observed.put("deletion", deletion(admin, cluster));
        }
        return observed;
    }

    private static Object cluster(Admin admin) throws Exception {
        DescribeClusterResult result = admin.describeCluster();
        Collection<Node> nodes = result.nodes().get();
        Map<String, FinalizedVersionRange> features = admin.describeFeatures().featureMetadata().get().finalizedFeatures();
        return Map.of(
            "has a cluster id", !result.clusterId().get().isEmpty(),
            "controller is a node", nodes.contains(result.controller().get()),
            "group.version", features.get("group.version").maxVersionLevel(),
            "transaction.version", features.get("transaction.version").maxVersionLevel());
    }

    private static Object creation(Admin admin, Cluster cluster) throws Exception {
        String topic = cluster.name("made");
        NewTopic made = new NewTopic(topic, 3, ONE).configs(Map.of("retention.ms", "3600000", "cleanup.policy", "delete"));
        CreateTopicsResult result = admin.createTopics(List.of(made));
        result.all().get();
        Uuid id = result.topicId(topic).get();
        expect(Cluster.describeTopic(admin, topic).topicId().equals(id), "another id than the one it was created with");
        CreateTopicsOptions onlyValidate = new CreateTopicsOptions().validateOnly(true);
        NewTopic validated = new NewTopic(cluster.name("validated"), 2, ONE);
        int wouldHave = admin.createTopics(List.of(validated), onlyValidate).numPartitions(validated.name()).get();
        expect(!admin.listTopics().names().get().contains(validated.name()), "validateOnly created a topic");
        return Map.of(
            "partitions", result.numPartitions(topic).get(),
            "replicas", result.replicationFactor(topic).get(),
            "retention.ms", result.config(topic).get().get("retention.ms").value(),
            "would have", wouldHave,
            "listed", admin.listTopics().names().get().contains(topic));
    }

    private static Object refusedCreations(Admin admin, Cluster cluster) {
        String name = cluster.name("refused");
        Map<String, Object> observed = new TreeMap<>();
        observed.put("it exists", refusal(admin, new NewTopic(cluster.name("made"), 1, ONE)));
        observed.put("a name with a blank", refusal(admin, new NewTopic("no good", 1, ONE)));
        observed.put("a name of one dot", refusal(admin, new NewTopic(".", 1, ONE)));
        observed.put("an empty name", refusal(admin, new NewTopic("", 1, ONE)));
        observed.put("a name of 250 letters", refusal(admin, new NewTopic("n".repeat(250), 1, ONE)));
        observed.put("no partitions", refusal(admin, new NewTopic(name, 0, ONE)));
        observed.put("-5 partitions", refusal(admin, new NewTopic(name, -5, ONE)));
        observed.put("no replicas", refusal(admin, new NewTopic(name, 1, (short) 0)));
        observed.put("more replicas than nodes", refusal(admin, new NewTopic(name, 1, (short) 30_000)));
        observed.put("replicas on nodes that are none", refusal(admin, new NewTopic(name, Map.of(0, List.of(987_654)))));
        observed.put("a replica twice", refusal(admin, new NewTopic(name, Map.of(0, List.of(1, 1)))));
        observed.put("an assignment that begins at 1", refusal(admin, new NewTopic(name, Map.of(1, List.of(1)))));
        observed.put("a config that is none", refusal(admin, new NewTopic(name, 1, ONE).configs(Map.of("no.such", "1"))));
        observed.put("a config of the wrong type",
            refusal(admin, new NewTopic(name, 1, ONE).configs(Map.of("retention.ms", "long"))));
        observed.put("a config out of its range",
            refusal(admin, new NewTopic(name, 1, ONE).configs(Map.of("min.insync.replicas", "0"))));
        observed.put("a cleanup policy that is none",
            refusal(admin, new NewTopic(name, 1, ONE).configs(Map.of("cleanup.policy", "burn"))));
        return observed;
    }

    private static String refusal(Admin admin, NewTopic topic) {
        return failureOf(() -> admin.createTopics(List.of(topic)).all().get());
    }

    private static Object description(Admin admin, Cluster cluster) throws Exception {
        TopicDescription byName = Cluster.describeTopic(admin, cluster.name("made"));
        TopicCollection ids = TopicCollection.ofTopicIds(List.of(byName.topicId()));
        TopicDescription byId = admin.describeTopics(ids).allTopicIds().get().get(byName.topicId());
        boolean everyLeaderInSync = byName.partitions().stream().allMatch(
            it -> it.leader() != null && it.isr().contains(it.leader()) && it.replicas().contains(it.leader()));
        TopicCollection unknown = TopicCollection.ofTopicIds(List.of(Uuid.randomUuid()));
        return Map.of(
            "by id", byId.name() + " of " + byId.partitions().size(),
            "partitions", byName.partitions().stream().map(it -> it.partition() + "/" + it.replicas().size()).toList(),
            "internal", byName.isInternal(),
            "leaders are in sync", everyLeaderInSync,
            "unknown name", failureOf(() -> admin.describeTopics(List.of(cluster.name("nowhere"))).allTopicNames().get()),
            "invalid name", failureOf(() -> admin.describeTopics(List.of("no good")).allTopicNames().get()),
            "unknown id", failureOf(() -> admin.describeTopics(unknown).allTopicIds().get()));
    }

    private static Object partitions(Admin admin, Cluster cluster) throws Exception {
        String topic = cluster.name("made");
        Map<String, Object> observed = new TreeMap<>();
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
        observed.put("from 3 to", until("five partitions", () -> {
            int count = Cluster.describeTopic(admin, topic).partitions().size();
            return count == 5 ? count : null;
        }));
        observed.put("fewer", increase(admin, topic, NewPartitions.increaseTo(2)));
        observed.put("as many", increase(admin, topic, NewPartitions.increaseTo(5)));
        observed.put("none", increase(admin, topic, NewPartitions.increaseTo(0)));
        observed.put("on nodes that are none", increase(admin, topic, NewPartitions.increaseTo(6, List.of(List.of(987_654)))));
        observed.put("one more, two assignments",
            increase(admin, topic, NewPartitions.increaseTo(6, List.of(List.of(1), List.of(1)))));
        observed.put("of an unknown topic", increase(admin, cluster.name("nowhere"), NewPartitions.increaseTo(2)));
        return observed;
    }

    private static String increase(Admin admin, String topic, NewPartitions partitions) {
        return failureOf(() -> admin.createPartitions(Map.of(topic, partitions)).all().get());
    }

    private static Object elections(Admin admin, Cluster cluster) {
        return Map.of(
            "preferred, it leads already", election(admin, ElectionType.PREFERRED, new TopicPartition(cluster.name("made"), 0)),
            "unclean, there is a leader", election(admin, ElectionType.UNCLEAN, new TopicPartition(cluster.name("made"), 1)),
            "unknown partition", election(admin, ElectionType.PREFERRED, new TopicPartition(cluster.name("made"), 99)));
    }

    private static String election(Admin admin, ElectionType type, TopicPartition partition) {
        return failureOf(() -> {
            var result = admin.electLeaders(type, Set.of(partition)).partitions().get().get(partition);
            if (result.isPresent()) throw (Exception) result.get();
        });
    }

    private static Object deletion(Admin admin, Cluster cluster) throws Exception {
        String topic = cluster.name("made");
        Uuid id = Cluster.describeTopic(admin, topic).topicId();
        admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get();
        until("the topic to be gone", () -> admin.listTopics().names().get().contains(topic) ? null : true);
        admin.createTopics(List.of(new NewTopic(topic, 1, ONE))).all().get();
        Uuid again = Cluster.describeTopic(admin, topic).topicId();
        admin.deleteTopics(List.of(topic)).all().get();
        TopicCollection unknown = TopicCollection.ofTopicIds(List.of(id));
        return Map.of(
            "the same name has a new id", !again.equals(id),
            "unknown id", failureOf(() -> admin.deleteTopics(unknown).all().get()),
            "unknown name", failureOf(() -> admin.deleteTopics(List.of(cluster.name("nowhere"))).all().get()));
    }
}
