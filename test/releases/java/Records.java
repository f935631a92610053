package releases;

import static releases.Saw.saw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/** Writes and reads in every codec that the client has, into a topic that comes to be by asking for it. */
final class Records {
    private static final int COUNT = 200;
    private static final long TIME = 1_500_000_000_000L;

    private Records() {}

    static void run(Client client) throws Exception {
        String topic = client.name("records");
        int written = 0;
        for (String codec : client.codecs()) {
            saw("write " + codec, () -> write(client, topic, "compression.type", codec, "linger.ms", "20", "acks", "all"));
            written += COUNT;
        }
        saw("write with acks 0", () -> write(client, topic, "acks", "0"));
        saw("write with acks 1", () -> write(client, topic, "acks", "1"));
        written += 2 * COUNT;
        if (client.isAtLeast(0, 11)) {
            saw("write idempotently", () -> write(client, topic, "enable.idempotence", "true"));
            written += COUNT;
        }
        if (!client.isAtLeast(0, 9)) return;
        int all = written;
        saw("read", () -> readAll(client, topic, all, "fetch.max.wait.ms", "100"));
        saw("read in small pieces", () -> readAll(client, topic, all, "max.partition.fetch.bytes", "700", "fetch.max.wait.ms", "100"));
        saw("seek", () -> seek(client, topic));
        if (client.isAtLeast(0, 10)) saw("offsets", () -> offsets(client, topic));
    }

    /** First and last offset. */
    private static String write(Client client, String topic, String... settings) throws Exception {
        KafkaProducer<String, String> producer = client.producer(settings);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int index = 0; index < COUNT; index++) sent.add(producer.send(record(client, topic, index)));
        List<Long> offsets = new ArrayList<>();
        for (Future<RecordMetadata> future : sent) offsets.add(future.get().offset());
        producer.close();
        return offsets.get(0) + " to " + offsets.get(COUNT - 1);
    }

    private static ProducerRecord<String, String> record(Client client, String topic, int index) {
        String key = index % 3 == 0 ? null : "key " + index;
        String value = index % 7 == 0 ? null : "value " + index + " " + "x".repeat(index);
        if (!client.isAtLeast(0, 10)) return new ProducerRecord<>(topic, 0, key, value);
        ProducerRecord<String, String> record = new ProducerRecord<>(topic, 0, TIME + index, key, value);
        if (client.isAtLeast(0, 11)) Headers.add(record, index);
        return record;
    }

    private static String readAll(Client client, String topic, int count, String... settings) throws Exception {
        KafkaConsumer<String, String> consumer = client.consumer(settings);
        Client.assign(consumer, new TopicPartition(topic, 0));
        StringBuilder text = new StringBuilder();
        long next = 0;
        for (ConsumerRecord<String, String> record : Client.read(consumer, count)) {
            if (record.offset() != next++) throw new AssertionError("offset " + record.offset());
            text.append(record.key()).append(record.value());
            if (client.isAtLeast(0, 10)) text.append(record.timestampType()).append(record.timestamp());
            if (client.isAtLeast(0, 11)) text.append(Headers.of(record));
        }
        consumer.close();
        return next + " records, " + text.toString().hashCode();
    }

    private static String seek(Client client, String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        KafkaConsumer<String, String> consumer = client.consumer();
        Client.assign(consumer, partition);
        consumer.seek(partition, 333);
        long third = Client.read(consumer, 1).get(0).offset();
        consumer.seek(partition, 1_000_000);
        long reset = Client.read(consumer, 1).get(0).offset();
        consumer.close();
        return third + ", beyond the end " + reset;
    }

    private static String offsets(Client client, String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = client.consumer()) {
            Map<String, Object> found = new TreeMap<>();
            found.put("begin", consumer.beginningOffsets(Collections.singleton(partition)).get(partition));
            found.put("end", consumer.endOffsets(Collections.singleton(partition)).get(partition));
            found.put("by time", consumer.offsetsForTimes(Collections.singletonMap(partition, TIME + 50)).get(partition).offset());
            found.put("too late", consumer.offsetsForTimes(Collections.singletonMap(partition, Long.MAX_VALUE)).get(partition));
            return found.toString();
        }
    }
}
