package interop;

import static interop.Cluster.expect;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Reads what somebody else has written, to the end. */
final class Reader {
    private Reader() {}

    /** Every record as the producer meant it. Options: topic, partitions, isolation level. */
    static Object records(Cluster cluster, String[] options) {
        List<Object> seen = new ArrayList<>();
        for (ConsumerRecord<String, String> record : read(cluster, options[0], Integer.parseInt(options[1]), options[2])) {
            List<Object> headers = new ArrayList<>();
            for (Header header : record.headers()) headers.add(Arrays.asList(header.key(), text(header.value())));
            Map<String, Object> it = new HashMap<>();
            it.put("partition", record.partition());
            it.put("offset", record.offset());
            it.put("timestamp", record.timestamp());
            it.put("key", record.key());
            it.put("value", record.value());
            it.put("headers", headers);
            seen.add(it);
        }
        return seen;
    }

    /** Sends the same keys to another topic of as many partitions, and expects each where it was. Options: topic, partitions. */
    static Object partitions(Cluster cluster, String[] options) throws Exception {
        int partitions = Integer.parseInt(options[1]);
        String topic = cluster.createTopic("same", partitions);
        Map<Integer, Integer> counts = new TreeMap<>();
        try (Producer<String, String> producer = cluster.producer()) {
            for (ConsumerRecord<String, String> record : read(cluster, options[0], partitions, "read_uncommitted")) {
                int chosen = producer.send(new ProducerRecord<>(topic, record.key(), record.value())).get().partition();
                expect(chosen == record.partition(), "key " + record.key() + ": " + record.partition() + ", and Java " + chosen);
                counts.merge(chosen, 1, Integer::sum);
            }
        }
        return counts;
    }

    private static List<ConsumerRecord<String, String>> read(Cluster cluster, String topic, int count, String isolation) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) partitions.add(new TopicPartition(topic, i));
        List<ConsumerRecord<String, String>> seen = new ArrayList<>();
        try (Consumer<String, String> reader = cluster.consumer("isolation.level", isolation, "check.crcs", "true")) {
            Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            while (!partitions.stream().allMatch(it -> reader.position(it) >= ends.get(it))) reader.poll(Cluster.POLL).forEach(seen::add);
        }
        return seen;
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
