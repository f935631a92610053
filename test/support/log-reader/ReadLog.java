import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads partitions from their beginnings with Apache Kafka's own consumer, and writes each record to the standard output: partition
 * (its number among the arguments, 4 bytes), offset (8), lengths of key and value (4 each; -1 for null), key, value.
 *
 * <p>Arguments: bootstrap servers; read_committed or read_uncommitted; "follow" to go on without end, or "end" to
 * end where the logs end, once no transaction is open; topic:partition, and so on.
 */
public final class ReadLog {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PATIENCE_MS = 120_000;
    private static final int BUFFER = 1 << 16;

    private ReadLog() {}

    public static void main(String[] arguments) throws Exception {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 3; i < arguments.length; i++) {
            int colon = arguments[i].lastIndexOf(':');
            partitions.add(new TopicPartition(arguments[i].substring(0, colon), Integer.parseInt(arguments[i].substring(colon + 1))));
        }
        boolean follows = arguments[2].equals("follow");
        try (KafkaConsumer<byte[], byte[]> reader = consumer(arguments[0], arguments[1]);
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, BUFFER))) {
            Map<TopicPartition, Long> ends = follows ? Map.of() : endsOfFinishedTransactions(arguments[0], partitions);
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            while (follows || !isAt(reader, ends)) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL))
                    write(out, partitions.indexOf(new TopicPartition(record.topic(), record.partition())), record);
                out.flush();
            }
        }
    }

    private static void write(DataOutputStream out, int partition, ConsumerRecord<byte[], byte[]> record) throws IOException {
        out.writeInt(partition);
        out.writeLong(record.offset());
        out.writeInt(lengthOf(record.key()));
        out.writeInt(lengthOf(record.value()));
        if (record.key() != null) out.write(record.key());
        if (record.value() != null) out.write(record.value());
    }

    private static int lengthOf(byte[] bytes) {
        return bytes == null ? -1 : bytes.length;
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers, String isolation) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "isolation.level", isolation,
            "enable.auto.commit", "false", "auto.offset.reset", "none", "max.poll.records", "5000");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** The markers of a transaction are written after its producer was told of its end. */
    private static Map<TopicPartition, Long> endsOfFinishedTransactions(String servers, List<TopicPartition> partitions)
        throws InterruptedException {
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        try (KafkaConsumer<byte[], byte[]> all = consumer(servers, "read_uncommitted");
            KafkaConsumer<byte[], byte[]> committed = consumer(servers, "read_committed")) {
            for (;;) {
                Map<TopicPartition, Long> ends = all.endOffsets(partitions);
                if (committed.endOffsets(partitions).equals(ends)) return ends;
                if (System.currentTimeMillis() > deadline) throw new IllegalStateException("transactions are still open");
                Thread.sleep(50);
            }
        }
    }

    private static boolean isAt(KafkaConsumer<byte[], byte[]> reader, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> reader.position(end.getKey()) >= end.getValue());
    }
}
