package interop;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;

/**
 * Members of a group that has members of other clients, too. Told line by line whom to let join and leave; each writes down what it
 * does as ../mixed/journal.ts says.
 */
final class MixedMembers {
    private static final Map<String, String> ASSIGNORS = Map.of(
        "range", "RangeAssignor",
        "roundrobin", "RoundRobinAssignor",
        "sticky", "StickyAssignor",
        "cooperative-sticky", "CooperativeStickyAssignor");

    private MixedMembers() {}

    /** Options: the group, the topic, the protocol. */
    static Object run(Cluster cluster, String[] options) throws Exception {
        Map<String, Member> members = new ConcurrentHashMap<>();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("join")) members.put(words[1], new Member(cluster, words[1], options));
            if (words[0].equals("leave")) members.get(words[1]).leaving = true;
        }
        return Map.of();
    }

    private static Consumer<String, String> consumer(Cluster cluster, String group, String protocol) {
        if (protocol.equals("consumer")) return cluster.consumer("group.id", group, "group.protocol", "consumer");
        return cluster.consumer("group.id", group, "group.protocol", "classic",
            "session.timeout.ms", System.getenv("SESSION_MS"), "heartbeat.interval.ms", System.getenv("HEARTBEAT_MS"),
            "partition.assignment.strategy", "org.apache.kafka.clients.consumer." + ASSIGNORS.get(protocol));
    }

    private static final class Member extends Thread implements ConsumerRebalanceListener {
        /** Polls between commits: who is killed has something uncommitted. */
        private static final int POLLS_PER_COMMIT = 3;

        private final Consumer<String, String> consumer;
        private final String topic;
        private final Map<Integer, Long> handled = new HashMap<>();
        private volatile boolean leaving;

        Member(Cluster cluster, String name, String[] options) {
            super(name);
            consumer = consumer(cluster, options[0], options[2]);
            topic = options[1];
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try (consumer) {
                consumer.subscribe(List.of(topic), this);
                for (int polls = 1; !leaving; polls++) {
                    handle(consumer.poll(Cluster.POLL));
                    if (polls % POLLS_PER_COMMIT == 0) commit();
                }
            } catch (RuntimeException e) {
                note(Map.of("what", "failed", "error", e.toString()));
                return;
            }
            note(Map.of("what", "left"));
        }

        private void handle(ConsumerRecords<String, String> records) {
            if (records.isEmpty()) return;
            List<long[]> places = new ArrayList<>();
            for (ConsumerRecord<String, String> record : records) {
                places.add(new long[] {record.partition(), record.offset()});
                handled.put(record.partition(), record.offset() + 1);
            }
            note(Map.of("what", "read", "records", places));
        }

        private void commit() {
            if (handled.isEmpty()) return;
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            List<long[]> places = new ArrayList<>();
            handled.forEach((partition, offset) -> {
                offsets.put(new TopicPartition(topic, partition), new OffsetAndMetadata(offset));
                places.add(new long[] {partition, offset});
            });
            try {
                consumer.commitSync(offsets);
            } catch (RebalanceInProgressException | CommitFailedException e) {
                // Kafka's advice: poll on until the rebalance is done, and commit then. The other comes when the group changes its protocol.
                return;
            }
            note(Map.of("what", "committed", "offsets", places));
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            told("assigned", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit();
            told("revoked", partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            told("lost", partitions);
        }

        private void told(String what, Collection<TopicPartition> partitions) {
            List<Integer> numbers = partitions.stream().map(TopicPartition::partition).toList();
            if (!what.equals("assigned")) handled.keySet().removeAll(numbers);
            note(Map.of("what", what, "partitions", numbers, "generation", consumer.groupMetadata().generationId()));
        }

        private void note(Map<String, Object> fact) {
            Map<String, Object> entry = new HashMap<>(fact);
            Instant now = Instant.now();
            entry.put("at", now.getEpochSecond() * 1000.0 + now.getNano() / 1e6);
            entry.put("member", getName());
            try {
                System.out.println(Main.json(entry));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
