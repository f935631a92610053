package interop;

import static interop.Cluster.expect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** 200,000 records in transactions of many sizes, every third aborted, while somebody reads what is committed. */
final class Transactions {
    private static final int RECORDS = 200_000;
    private static final int PARTITIONS = 4;
    private static final int[] SIZES = {1, 3, 250, 999, 40, 2000, 512, 5, 1500, 77};

    private Transactions() {}

    static Object run(Cluster cluster) throws Exception {
        String topic = cluster.createTopic("ledger", PARTITIONS);
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) partitions.add(new TopicPartition(topic, i));
        CompletableFuture<Map<TopicPartition, Long>> ends = new CompletableFuture<>();
        CompletableFuture<Digests> committed = CompletableFuture.supplyAsync(() -> {
            try (Consumer<String, String> reader = cluster.consumer("isolation.level", "read_committed")) {
                return read(reader, partitions, ends);
            }
        });
        Digests expected = new Digests();
        int[] transactions = produce(cluster, topic, expected);
        Map<TopicPartition, Long> logEnds = cluster.endsOfFinishedTransactions(partitions);
        ends.complete(logEnds);
        int uncommitted = 0;
        try (Consumer<String, String> reader = cluster.consumer()) {
            CompletableFuture<Map<TopicPartition, Long>> known = CompletableFuture.completedFuture(logEnds);
            for (Map<String, Object> partition : read(reader, partitions, known).result().values())
                uncommitted += (int) partition.get("records");
        }
        Map<Integer, Map<String, Object>> seen = committed.get().result();
        expect(seen.equals(expected.result()), "committed " + expected.result() + ", but read " + seen);
        expect(uncommitted == RECORDS, "read_uncommitted sees " + uncommitted + " of " + RECORDS + " records");
        Map<Integer, Long> endOffsets = new TreeMap<>();
        logEnds.forEach((partition, end) -> endOffsets.put(partition.partition(), end));
        return Map.of("committed", transactions[0], "aborted", transactions[1], "readCommitted", seen,
            "readUncommitted", uncommitted, "endOffsets", endOffsets);
    }

    private static int[] produce(Cluster cluster, String topic, Digests expected) {
        int committed = 0;
        int aborted = 0;
        try (Producer<String, String> producer =
            cluster.producer("transactional.id", cluster.name("writer"), "linger.ms", "2")) {
            producer.initTransactions();
            for (int next = 0; next < RECORDS; ) {
                int number = committed + aborted;
                boolean abort = number % 3 == 2;
                int end = Math.min(RECORDS, next + SIZES[number % SIZES.length]);
                producer.beginTransaction();
                for (; next < end; next++) {
                    String value = number + ":" + next;
                    producer.send(new ProducerRecord<>(topic, next % PARTITIONS, "key-" + next % 100, value));
                    if (!abort) expected.add(next % PARTITIONS, value);
                }
                // Without it, what was not sent yet would be dropped by the abort, and there would be little to be filtered.
                producer.flush();
                if (abort) producer.abortTransaction();
                else producer.commitTransaction();
                if (abort) aborted++;
                else committed++;
            }
        }
        return new int[] {committed, aborted};
    }

    /** Reads from the beginning until the ends, which may become known later. */
    private static Digests read(
        Consumer<String, String> reader,
        List<TopicPartition> partitions,
        CompletableFuture<Map<TopicPartition, Long>> ends) {
        Digests digests = new Digests();
        Map<TopicPartition, Long> lastOffsets = new HashMap<>();
        reader.assign(partitions);
        reader.seekToBeginning(partitions);
        while (!ends.isDone() || !isAt(reader, ends.join())) {
            for (ConsumerRecord<String, String> record : reader.poll(Cluster.POLL)) {
                Long last = lastOffsets.put(new TopicPartition(record.topic(), record.partition()), record.offset());
                expect(last == null || last < record.offset(), "offset " + record.offset() + " after " + last);
                digests.add(record.partition(), record.value());
            }
        }
        return digests;
    }

    private static boolean isAt(Consumer<String, String> reader, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> reader.position(end.getKey()) >= end.getValue());
    }
}
