package interop;

import static interop.Cluster.expect;
import static interop.Cluster.failureOf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Exactly once from one topic to another. The first worker stalls in its transaction and is replaced; it wakes up as a zombie: what
 * it had written must not count, and what it still tries must be refused.
 */
final class ConsumeTransformProduce {
    private static final int RECORDS = 20_000;
    private static final int PARTITIONS = 2;

    private final Cluster cluster;
    private final String input;
    private final String output;
    private final String group;

    private ConsumeTransformProduce(Cluster cluster) throws Exception {
        this.cluster = cluster;
        input = cluster.createTopic("input", PARTITIONS);
        output = cluster.createTopic("output", PARTITIONS);
        group = cluster.name("workers");
    }

    static Object run(Cluster cluster) throws Exception {
        return new ConsumeTransformProduce(cluster).run();
    }

    private Object run() throws Exception {
        Digests expected = new Digests();
        try (Producer<String, String> producer = cluster.producer()) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(input, i % PARTITIONS, "k" + i, "v" + i));
                expected.add(i % PARTITIONS, transformed("v" + i));
            }
        }
        Map<String, Object> observed = new TreeMap<>();
        try (Consumer<String, String> first = consumer(); Producer<String, String> zombie = producer()) {
            zombie.initTransactions();
            step(first, zombie);
            zombie.commitTransaction();
            // Left open: it has written and has sent its offsets.
            step(first, zombie);
            ConsumerGroupMetadata stale = first.groupMetadata();
            first.unsubscribe();
            replacement(observed, stale);
            observed.put("zombie's commit", failureOf(zombie::commitTransaction));
        }
        try (Consumer<String, String> reader = cluster.consumer("isolation.level", "read_committed", "group.id", group)) {
            observed.put("output", outputOf(reader, expected));
            observed.put("committed", committedOffsets(reader));
        }
        return observed;
    }

    private void replacement(Map<String, Object> observed, ConsumerGroupMetadata stale) throws Exception {
        try (Consumer<String, String> second = consumer(); Producer<String, String> producer = producer()) {
            // Fences the zombie and aborts what it left open.
            producer.initTransactions();
            long done = 0;
            for (long committed : committedOffsets(second).values()) done += committed;
            boolean triedStale = false;
            while (done < RECORDS) {
                int count = step(second, producer);
                if (count > 0 && !triedStale) {
                    triedStale = true;
                    Map<TopicPartition, OffsetAndMetadata> offsets =
                        Map.of(new TopicPartition(input, 0), new OffsetAndMetadata(1));
                    observed.put("offsets of a member that left", failureOf(() -> producer.sendOffsetsToTransaction(offsets, stale)));
                    producer.abortTransaction();
                    // Aborted: those records have to come again.
                    rewind(second);
                    continue;
                }
                producer.commitTransaction();
                done += count;
            }
        }
    }

    private Consumer<String, String> consumer() {
        Consumer<String, String> consumer =
            cluster.consumer("group.id", group, "isolation.level", "read_committed", "max.poll.records", "700");
        consumer.subscribe(List.of(input));
        return consumer;
    }

    private Producer<String, String> producer() {
        return cluster.producer("transactional.id", cluster.name("worker"), "transaction.timeout.ms", "60000");
    }

    /** One transaction but for its end: read, write, send the offsets. */
    private int step(Consumer<String, String> consumer, Producer<String, String> producer) {
        ConsumerRecords<String, String> records = ConsumerRecords.empty();
        while (records.isEmpty()) records = consumer.poll(Cluster.POLL);
        producer.beginTransaction();
        for (ConsumerRecord<String, String> record : records)
            producer.send(new ProducerRecord<>(output, record.partition(), record.key(), transformed(record.value())));
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition partition : records.partitions())
            offsets.put(partition, new OffsetAndMetadata(consumer.position(partition)));
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        return records.count();
    }

    private static String transformed(String value) {
        return value.toUpperCase() + "!";
    }

    private static void rewind(Consumer<String, String> consumer) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
        for (TopicPartition partition : consumer.assignment()) {
            OffsetAndMetadata offset = committed.get(partition);
            consumer.seek(partition, offset == null ? 0 : offset.offset());
        }
    }

    private Map<Integer, Long> committedOffsets(Consumer<String, String> consumer) {
        Map<Integer, Long> offsets = new TreeMap<>();
        consumer.committed(new java.util.HashSet<>(partitionsOf(input))).forEach((partition, offset) -> {
            if (offset != null) offsets.put(partition.partition(), offset.offset());
        });
        return offsets;
    }

    private static List<TopicPartition> partitionsOf(String topic) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) partitions.add(new TopicPartition(topic, i));
        return partitions;
    }

    private Object outputOf(Consumer<String, String> reader, Digests expected) throws Exception {
        Digests seen = new Digests();
        List<TopicPartition> partitions = partitionsOf(output);
        reader.assign(partitions);
        reader.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = cluster.endsOfFinishedTransactions(partitions);
        while (!partitions.stream().allMatch(partition -> reader.position(partition) >= ends.get(partition))) {
            for (ConsumerRecord<String, String> record : reader.poll(Cluster.POLL)) seen.add(record.partition(), record.value());
        }
        expect(seen.result().equals(expected.result()), "expected " + expected.result() + ", but read " + seen.result());
        return seen.result();
    }
}
