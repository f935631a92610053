package releases;

import static releases.Saw.saw;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Two members of a group: one alone, both, the other alone. Everything is read once and committed. */
final class Groups {
    private static final int PARTITIONS = 2;
    private static final long PATIENCE_MS = 20_000;

    private Groups() {}

    static void run(Client client) throws Exception {
        // Clients before 0.11 cannot create it; then it was there before.
        String topic = client.name("orders");
        if (client.isAtLeast(0, 11)) saw("create for the group", () -> Topics.create(client, topic, PARTITIONS));
        String group = client.name("group");
        saw("group", () -> work(client, topic, group));
        saw("committed", () -> committed(client, topic, group));
    }

    private static String work(Client client, String topic, String group) throws Exception {
        Ledger ledger = new Ledger();
        Member first = new Member(client, topic, group, ledger);
        first.start();
        ledger.until(() -> first.owned.size() == PARTITIONS);
        write(client, topic, 0, 50);
        ledger.until(() -> ledger.read.size() == 50);
        Member second = new Member(client, topic, group, ledger);
        second.start();
        ledger.until(() -> first.owned.size() == 1 && second.owned.size() == 1);
        write(client, topic, 50, 100);
        ledger.until(() -> ledger.read.size() == 100);
        first.leave();
        ledger.until(() -> second.owned.size() == PARTITIONS);
        write(client, topic, 100, 150);
        ledger.until(() -> ledger.read.size() == 150);
        second.leave();
        return ledger.read.size() + " read, " + ledger.doubled + " twice";
    }

    private static void write(Client client, String topic, int from, int to) throws Exception {
        KafkaProducer<String, String> producer = client.producer();
        for (int index = from; index < to; index++) {
            producer.send(new ProducerRecord<>(topic, index % PARTITIONS, null, "order " + index));
        }
        producer.flush();
        producer.close();
    }

    private static String committed(Client client, String topic, String group) {
        try (KafkaConsumer<String, String> consumer = client.consumer("group.id", group)) {
            List<String> found = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                found.add(describe(Client.call(consumer, "committed", new TopicPartition(topic, partition))));
            }
            return found.toString();
        } catch (NoSuchMethodException e) {
            return "no method for one partition";
        } catch (Exception e) {
            throw new RuntimeException(e);
        }
    }

    private static String describe(Object committed) {
        if (committed == null) return "nothing";
        OffsetAndMetadata offset = (OffsetAndMetadata) committed;
        return offset.offset() + " '" + offset.metadata() + "'";
    }

    private interface Condition {
        boolean isMet();
    }

    private static final class Ledger {
        final Set<String> read = new HashSet<>();
        int doubled;
        Exception failure;

        synchronized void until(Condition condition) throws Exception {
            long deadline = System.currentTimeMillis() + PATIENCE_MS;
            while (!condition.isMet()) {
                if (failure != null) throw failure;
                if (System.currentTimeMillis() > deadline) throw new AssertionError("the group did not get there; read " + read.size());
                wait(100);
            }
        }

        synchronized void add(String value) {
            if (!read.add(value)) doubled++;
            notifyAll();
        }

        synchronized void change(Runnable change) {
            change.run();
            notifyAll();
        }
    }

    private static final class Member extends Thread implements ConsumerRebalanceListener {
        final Set<TopicPartition> owned = new HashSet<>();
        private final KafkaConsumer<String, String> consumer;
        private final String topic;
        private final Ledger ledger;
        private volatile boolean leaving;

        Member(Client client, String topic, String group, Ledger ledger) {
            this.consumer = client.consumer("group.id", group, "metadata.max.age.ms", "1000");
            this.topic = topic;
            this.ledger = ledger;
        }

        void leave() throws InterruptedException {
            leaving = true;
            join();
        }

        @Override
        public void run() {
            try {
                Client.subscribe(consumer, topic, this);
                while (!leaving) {
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    List<String> values = new ArrayList<>();
                    for (ConsumerRecord<String, String> record : Client.poll(consumer)) {
                        values.add(record.value());
                        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                        offsets.put(partition, new OffsetAndMetadata(record.offset() + 1, "by a member"));
                    }
                    if (!offsets.isEmpty()) consumer.commitSync(offsets);
                    for (String value : values) ledger.add(value);
                }
                consumer.close();
            } catch (Exception e) {
                ledger.change(() -> ledger.failure = e);
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            ledger.change(() -> owned.addAll(partitions));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            ledger.change(() -> owned.removeAll(partitions));
        }
    }
}
