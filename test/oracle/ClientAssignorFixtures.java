package oracle;

import static oracle.Bytes.object;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** client-assignors.jsonl: what the assignors of Java's consumer make of classic groups whose members come, go and change their minds. */
final class ClientAssignorFixtures {
    private static final String[] RACKS = {"a", "b", "c"};
    private static final Node[] NODES = {
        new Node(0, "h", 1, "a"), new Node(1, "h", 2, "b"), new Node(2, "h", 3, "c"), new Node(3, "h", 4, null)};
    private static final int NEVER = -1;

    private ClientAssignorFixtures() {}

    static void write(Path dir) throws Exception {
        int lines = 0;
        try (PrintWriter out = Bytes.open(dir, "client-assignors.jsonl")) {
            for (int seed = 0; seed < 40; seed++) lines += play(seed, out::println);
        }
        Report.line("client assignors: %d groups", lines);
    }

    /** A group for each assignor, drawn from the seed. Returns how often they were assigned something. */
    static int play(int seed, Consumer<ObjectNode> out) {
        return new Scenario(RangeAssignor::new, seed, out).play(4)
            + new Scenario(RoundRobinAssignor::new, seed + 1000, out).play(3)
            + new Scenario(StickyAssignor::new, seed + 2000, out).play(6)
            + new Scenario(CooperativeStickyAssignor::new, seed + 3000, out).play(6);
    }

    private static final class Topic {
        final String name;
        final List<Node[]> replicas = new ArrayList<>();

        Topic(String name) {
            this.name = name;
        }
    }

    private static final class Member {
        String instanceId;
        String rackId;
        List<String> topics;
        List<TopicPartition> owned = List.of();
        int generation = NEVER;
        ByteBuffer userData;
        ConsumerPartitionAssignor own;
    }

    /** A group through several rounds. Even seeds: all members want the same. Every third: racks. */
    private static final class Scenario {
        private final Supplier<ConsumerPartitionAssignor> assignors;
        private final Random random;
        private final Consumer<ObjectNode> out;
        private final boolean alike;
        private final boolean racks;
        private final List<Topic> topics = new ArrayList<>();
        private final TreeMap<String, Member> members = new TreeMap<>();
        private int generation = 0;
        private int names = 0;

        Scenario(Supplier<ConsumerPartitionAssignor> assignors, int seed, Consumer<ObjectNode> out) {
            this.assignors = assignors;
            this.random = new Random(seed);
            this.out = out;
            this.alike = seed % 2 == 0;
            this.racks = seed % 3 == 0;
        }

        int play(int rounds) {
            for (int count = 1 + random.nextInt(5); count > 0; count--) addTopic();
            for (int count = 1 + random.nextInt(6); count > 0; count--) addMember();
            for (int round = 0; round < rounds; round++) {
                if (round > 0) for (int count = 1 + random.nextInt(3); count > 0; count--) change();
                if (alike) subscribeAlike();
                assign();
            }
            return rounds;
        }

        private void change() {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> addMember();
                case 3, 4 -> {
                    if (members.size() > 1) members.remove(any(members.keySet()));
                }
                case 5 -> addTopic();
                case 6 -> grow(any(topics), 1 + random.nextInt(5));
                default -> subscribe(members.get(any(members.keySet())), subset());
            }
        }

        private void addTopic() {
            Topic topic = new Topic("t" + names++ + "-" + random.nextInt(1000));
            grow(topic, random.nextInt(4) == 0 ? 1 + random.nextInt(40) : 1 + random.nextInt(9));
            topics.add(topic);
        }

        private void grow(Topic topic, int partitions) {
            for (; partitions > 0; partitions--) {
                List<Node> nodes = new ArrayList<>(List.of(NODES));
                Collections.shuffle(nodes, random);
                topic.replicas.add(nodes.subList(0, 1 + random.nextInt(3)).toArray(Node[]::new));
            }
        }

        private void addMember() {
            Member member = new Member();
            member.instanceId = random.nextInt(5) == 0 ? "static-" + random.nextInt(1000) : null;
            member.rackId = racks && random.nextInt(5) > 0 ? RACKS[random.nextInt(RACKS.length)] : null;
            member.topics = subset();
            member.own = assignors.get();
            members.put("consumer-" + new UUID(random.nextLong(), random.nextLong()), member);
        }

        private void subscribeAlike() {
            List<String> same = subset();
            for (Member member : members.values()) subscribe(member, same);
        }

        /** Who has missed a generation, and wants something else now, begins anew. */
        private void subscribe(Member member, List<String> wanted) {
            member.topics = wanted;
            member.owned = member.owned.stream().filter(partition -> wanted.contains(partition.topic())).toList();
            if (member.generation == generation) return;
            member.owned = List.of();
            member.generation = NEVER;
            member.userData = null;
            member.own = assignors.get();
        }

        private List<String> subset() {
            List<Topic> shuffled = new ArrayList<>(topics);
            Collections.shuffle(shuffled, random);
            return shuffled.stream().limit(1 + random.nextInt(topics.size())).map(topic -> topic.name).toList();
        }

        private <T> T any(Iterable<T> values) {
            List<T> all = new ArrayList<>();
            values.forEach(all::add);
            return all.get(random.nextInt(all.size()));
        }

        private void assign() {
            ConsumerPartitionAssignor leader = assignors.get();
            // The kind of table that Java's leader has.
            Map<String, Subscription> subscriptions = new HashMap<>();
            members.forEach((id, member) -> {
                ByteBuffer userData = member.userData == null ? null : member.userData.duplicate();
                Subscription subscription = new Subscription(
                    member.topics, userData, member.owned, member.generation, Optional.ofNullable(member.rackId));
                subscription.setGroupInstanceId(Optional.ofNullable(member.instanceId));
                subscriptions.put(id, subscription);
            });
            Map<String, Assignment> target = leader.assign(cluster(), new GroupSubscription(subscriptions)).groupAssignment();
            print(leader.name(), target);
            generation++;
            target.forEach(this::take);
        }

        /** One in eight misses it, and comes again with what it had before. */
        private void take(String id, Assignment assignment) {
            if (random.nextInt(8) == 0) return;
            Member member = members.get(id);
            member.own.onAssignment(assignment, new ConsumerGroupMetadata("g", generation, id, Optional.ofNullable(member.instanceId)));
            member.generation = generation;
            member.owned = member.own instanceof CooperativeStickyAssignor ? assignment.partitions() : List.of();
            member.userData = member.own.subscriptionUserData(Set.copyOf(member.topics));
        }

        private Cluster cluster() {
            List<PartitionInfo> partitions = new ArrayList<>();
            for (Topic topic : topics) {
                for (int partition = 0; partition < topic.replicas.size(); partition++) {
                    Node[] replicas = topic.replicas.get(partition);
                    partitions.add(new PartitionInfo(topic.name, partition, replicas[0], replicas, replicas));
                }
            }
            return new Cluster("c", List.of(NODES), partitions, Set.of(), Set.of());
        }

        private void print(String assignor, Map<String, Assignment> target) {
            ObjectNode line = object("assignor", assignor);
            ArrayNode printedTopics = line.putArray("topics");
            for (Topic topic : topics) {
                ArrayNode partitions = printedTopics.addObject().put("name", topic.name).putArray("racks");
                for (Node[] replicas : topic.replicas) {
                    Set<String> of = new LinkedHashSet<>();
                    for (Node node : replicas) if (node.hasRack()) of.add(node.rack());
                    partitions.add(String.join("", of));
                }
            }
            ArrayNode printedMembers = line.putArray("members");
            members.forEach((id, member) -> {
                ObjectNode printed = printedMembers.addObject().put("id", id).put("instance", member.instanceId).put("rack", member.rackId);
                ArrayNode wanted = printed.putArray("topics");
                member.topics.forEach(wanted::add);
                printed.put("generation", member.generation);
                printed.put("userData", member.userData == null ? null : Bytes.hex(member.userData));
                partitions(printed.putArray("owned"), member.owned);
                partitions(printed.putArray("target"), target.get(id).partitions());
            });
            out.accept(line);
        }

        private static void partitions(ArrayNode into, List<TopicPartition> partitions) {
            partitions.forEach(partition -> into.add(partition.topic() + " " + partition.partition()));
        }
    }
}
