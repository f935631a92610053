package interop;

import static interop.Cluster.failureOf;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Offsets by position and by time, deleted records, and an open transaction that holds the last stable offset back. */
final class AdminOffsets {
    private static final long BASE = 1_700_000_000_000L;

    private AdminOffsets() {}

    static Object run(Cluster cluster) throws Exception {
        TopicPartition partition = new TopicPartition(cluster.createTopic("orders", 1), 0);
        Map<String, Object> observed = new TreeMap<>();
        try (Producer<String, String> producer = cluster.producer("linger.ms", "0"); Admin admin = cluster.admin()) {
            // Times 0, 10, …, 990; then 5000; then 1000: the maximum is not the last.
            for (int i = 0; i < 100; i++) send(producer, partition, BASE + i * 10);
            send(producer, partition, BASE + 5000);
            send(producer, partition, BASE + 1000);
            observed.put("offsets", offsets(admin, partition));
            observed.put("max timestamp", offset(admin, partition, OffsetSpec.maxTimestamp()));
            observed.put("consumer's offsets for times", offsetsForTimes(cluster, partition));
            observed.put("deleted records", deletion(admin, partition));
            observed.put("offsets afterwards", offsets(admin, partition));
            observed.put("reads after deletion", readFrom(cluster, partition, 0));
        }
        observed.put("with an open transaction", openTransaction(cluster, new TopicPartition(cluster.createTopic("open", 1), 0)));
        return observed;
    }

    private static void send(Producer<String, String> producer, TopicPartition partition, long timestamp) throws Exception {
        producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), timestamp, null, "value")).get();
    }

    private static Object offsets(Admin admin, TopicPartition partition) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        observed.put("earliest", offset(admin, partition, OffsetSpec.earliest()));
        observed.put("latest", offset(admin, partition, OffsetSpec.latest()));
        observed.put("earliest local", offset(admin, partition, OffsetSpec.earliestLocal()));
        observed.put("latest tiered", offset(admin, partition, OffsetSpec.latestTiered()));
        observed.put("at 0", offset(admin, partition, OffsetSpec.forTimestamp(BASE)));
        observed.put("at 505", offset(admin, partition, OffsetSpec.forTimestamp(BASE + 505)));
        observed.put("at 995", offset(admin, partition, OffsetSpec.forTimestamp(BASE + 995)));
        observed.put("at 5001", offset(admin, partition, OffsetSpec.forTimestamp(BASE + 5001)));
        return observed;
    }

    /** The offset and, if it has one, the time after BASE. */
    private static String offset(Admin admin, TopicPartition partition, OffsetSpec spec) throws Exception {
        ListOffsetsResultInfo info = admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get();
        return info.timestamp() < 0 ? String.valueOf(info.offset()) : info.offset() + " of " + (info.timestamp() - BASE);
    }

    private static Object offsetsForTimes(Cluster cluster, TopicPartition partition) {
        Map<String, Object> observed = new TreeMap<>();
        try (Consumer<String, String> consumer = cluster.consumer()) {
            for (long time : new long[] {-BASE, 0, 505, 990, 991, 4999, 5001}) {
                OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, BASE + time)).get(partition);
                observed.put(String.valueOf(time), found == null ? "none" : found.offset() + " of " + (found.timestamp() - BASE));
            }
            observed.put("beginning", consumer.beginningOffsets(List.of(partition)).get(partition));
            observed.put("end", consumer.endOffsets(List.of(partition)).get(partition));
        }
        return observed;
    }

    private static Object deletion(Admin admin, TopicPartition partition) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        observed.put("before 40", delete(admin, partition, 40));
        observed.put("before 10", delete(admin, partition, 10));
        observed.put("before 103", failureOf(() -> delete(admin, partition, 103)));
        observed.put("before -2", failureOf(() -> delete(admin, partition, -2)));
        observed.put("before the end", delete(admin, partition, -1));
        return observed;
    }

    private static long delete(Admin admin, TopicPartition partition, long before) throws Exception {
        var result = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)));
        return result.lowWatermarks().get(partition).get().lowWatermark();
    }

    /** Where a reader lands that asks for an offset which is gone: at the beginning, as it is told to. */
    private static Object readFrom(Cluster cluster, TopicPartition partition, long offset) {
        try (Consumer<String, String> consumer = cluster.consumer();
            Consumer<String, String> strict = cluster.consumer("auto.offset.reset", "none")) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, offset);
            while (consumer.position(partition) == offset) consumer.poll(Cluster.POLL);
            strict.assign(List.of(partition));
            strict.seek(partition, offset);
            String failure = failureOf(() -> {
                for (int i = 0; i < 100; i++) strict.poll(Cluster.POLL);
            });
            return Map.of("position", consumer.position(partition), "without a reset", failure);
        }
    }

    private static Object openTransaction(Cluster cluster, TopicPartition partition) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        try (Producer<String, String> producer = cluster.producer("transactional.id", cluster.name("writer"));
            Admin admin = cluster.admin();
            Consumer<String, String> reader = cluster.consumer("isolation.level", "read_committed")) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < 5; i++) send(producer, partition, BASE + i);
            producer.commitTransaction();
            producer.beginTransaction();
            for (int i = 0; i < 5; i++) send(producer, partition, BASE + i);
            reader.assign(List.of(partition));
            reader.seekToBeginning(List.of(partition));
            int records = 0;
            // Beyond the marker of the first transaction, at the first record of the second.
            while (reader.position(partition) < 6) records += reader.poll(Cluster.POLL).count();
            observed.put("a committed read gets", records);
            observed.put("and nothing more", reader.poll(Cluster.POLL).count());
            observed.put("latest, uncommitted", latest(admin, partition, IsolationLevel.READ_UNCOMMITTED));
            observed.put("latest, committed", latest(admin, partition, IsolationLevel.READ_COMMITTED));
            producer.abortTransaction();
            observed.put("latest, once it is aborted", cluster.endsOfFinishedTransactions(List.of(partition)).get(partition));
        }
        return observed;
    }

    private static long latest(Admin admin, TopicPartition partition, IsolationLevel level) throws Exception {
        ListOffsetsOptions options = new ListOffsetsOptions(level);
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest()), options).partitionResult(partition).get().offset();
    }
}
