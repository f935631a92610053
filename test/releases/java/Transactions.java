package releases;

import static releases.Saw.saw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Transactions that are committed and aborted, offsets in them, and a producer that is fenced. */
final class Transactions {
    private Transactions() {}

    static void run(Client client) throws Exception {
        String topic = client.name("transactions");
        saw("create for transactions", () -> Topics.create(client, topic, 1));
        String[] settings = {"transactional.id", client.name("id")};
        saw("transactions", () -> {
            try (KafkaProducer<String, String> producer = client.producer(settings)) {
                producer.initTransactions();
                transaction(producer, topic, "a");
                producer.commitTransaction();
                transaction(producer, topic, "b");
                producer.abortTransaction();
                transaction(producer, topic, "c");
                sendOffsets(client, producer, topic);
                producer.commitTransaction();
                return "done";
            }
        });
        saw("committed records", () -> values(client, topic, "read_committed", 10));
        saw("all records", () -> values(client, topic, "read_uncommitted", 15));
        saw("offset of the transaction", () -> {
            try (KafkaConsumer<String, String> consumer = client.consumer("group.id", client.name("copier"))) {
                TopicPartition partition = new TopicPartition(topic, 0);
                if (!client.isAtLeast(2, 4)) return ((OffsetAndMetadata) Client.call(consumer, "committed", partition)).offset();
                return consumer.committed(Collections.singleton(partition)).get(partition).offset();
            }
        });
        saw("fenced", () -> {
            KafkaProducer<String, String> old = client.producer(settings);
            old.initTransactions();
            transaction(old, topic, "d");
            try (KafkaProducer<String, String> next = client.producer(settings)) {
                next.initTransactions();
                try {
                    old.send(new ProducerRecord<>(topic, 0, null, "e")).get();
                    old.commitTransaction();
                    return "not at all";
                } finally {
                    close(old);
                }
            }
        });
        saw("committed records after the fence", () -> values(client, topic, "read_committed", 10));
    }

    private static void close(KafkaProducer<?, ?> producer) {
        try {
            producer.close();
        } catch (RuntimeException e) {
            // What it was fenced with has been seen.
        }
    }

    private static void transaction(KafkaProducer<String, String> producer, String topic, String word) throws Exception {
        producer.beginTransaction();
        List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
        for (int index = 0; index < 5; index++) sent.add(producer.send(new ProducerRecord<>(topic, 0, null, word + index)));
        for (java.util.concurrent.Future<?> future : sent) future.get();
    }

    private static void sendOffsets(Client client, KafkaProducer<String, String> producer, String topic) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = Collections.singletonMap(new TopicPartition(topic, 0), new OffsetAndMetadata(5));
        if (client.isAtLeast(2, 5)) WithGroupMetadata.send(client, producer, offsets);
        else Client.call(producer, "sendOffsetsToTransaction", offsets, client.name("copier"));
    }

    /** From 2.5 on. */
    private static final class WithGroupMetadata {
        static void send(Client client, KafkaProducer<String, String> producer, Map<TopicPartition, OffsetAndMetadata> offsets) {
            producer.sendOffsetsToTransaction(offsets, new org.apache.kafka.clients.consumer.ConsumerGroupMetadata(client.name("copier")));
        }
    }

    private static String values(Client client, String topic, String isolationLevel, int count) throws Exception {
        try (KafkaConsumer<String, String> consumer = client.consumer("isolation.level", isolationLevel)) {
            Client.assign(consumer, new TopicPartition(topic, 0));
            TreeSet<String> values = new TreeSet<>();
            for (ConsumerRecord<String, String> record : Client.read(consumer, count)) values.add(record.offset() + " " + record.value());
            return values.toString();
        }
    }
}
