package interop;

import static interop.Cluster.expect;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Idempotent producers, one for each codec, and a reader that compares keys, values, headers and times. */
final class Codecs {
    private static final int RECORDS = 5_000;
    private static final long FIRST_TIMESTAMP = 1_700_000_000_000L;

    private Codecs() {}

    static Object run(Cluster cluster) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            String topic = cluster.createTopic(codec, 1);
            Digests expected = new Digests();
            produce(cluster, topic, codec, expected);
            Map<Integer, Map<String, Object>> seen = read(cluster, topic, "CREATE_TIME").result();
            expect(seen.equals(expected.result()), codec + ": wrote " + expected.result() + ", read " + seen);
            observed.put(codec, seen.get(0));
        }
        String stamped = cluster.createTopic("stamped", 1, "message.timestamp.type", "LogAppendTime", "compression.type", "zstd");
        produce(cluster, stamped, "gzip", new Digests());
        observed.put("with the broker's time and codec", read(cluster, stamped, "LOG_APPEND_TIME").result().get(0).get("records"));
        return observed;
    }

    private static void produce(Cluster cluster, String topic, String codec, Digests expected) throws Exception {
        Map<String, Object> settings = cluster.settings("enable.idempotence", "true", "acks", "all", "compression.type", codec,
            "max.in.flight.requests.per.connection", "5", "batch.size", "4096", "linger.ms", "0");
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                ProducerRecord<byte[], byte[]> record = record(topic, i);
                expected.add(0, text(record.timestamp(), record.key(), record.value(), record.headers().toArray()));
                producer.send(record);
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, int i) {
        byte[] key = i % 7 == 0 ? null : ("key-" + i).getBytes(StandardCharsets.UTF_8);
        byte[] value = i % 11 == 0 ? null : "größe ".repeat(i % 40).getBytes(StandardCharsets.UTF_8);
        List<Header> headers = new ArrayList<>();
        for (int n = 0; n < i % 4; n++) headers.add(new RecordHeader("same", n == 2 ? null : new byte[] {(byte) i, (byte) n}));
        // Times go back and forth: a batch has the delta to its first record.
        return new ProducerRecord<>(topic, 0, FIRST_TIMESTAMP + (i * 7919L) % 100_000, key, value, headers);
    }

    private static Digests read(Cluster cluster, String topic, String timestampType) {
        Digests digests = new Digests();
        TopicPartition partition = new TopicPartition(topic, 0);
        Map<String, Object> settings = cluster.consumerSettings("check.crcs", "true");
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            expect(end == RECORDS, end + " offsets for " + RECORDS + " records");
            consumer.assign(List.of(partition));
            while (consumer.position(partition) < RECORDS) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Cluster.POLL)) {
                    expect(record.timestampType().name().equals(timestampType), "a timestamp of type " + record.timestampType());
                    digests.add(0, text(record.timestamp(), record.key(), record.value(), record.headers().toArray()));
                }
            }
        }
        return digests;
    }

    private static String text(long timestamp, byte[] key, byte[] value, Header[] headers) {
        StringBuilder text = new StringBuilder().append(timestamp).append(' ').append(hex(key)).append(' ').append(hex(value));
        for (Header header : headers) text.append(' ').append(header.key()).append('=').append(hex(header.value()));
        return text.toString();
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
    }
}
