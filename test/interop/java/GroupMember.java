package interop;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;

/** A consumer in a thread of its own that commits what it has read, after each poll and before it gives a partition away. */
final class GroupMember extends Thread implements ConsumerRebalanceListener {
    private final GroupLedger ledger;
    private final Consumer<String, String> consumer;
    private final BiConsumer<Consumer<String, String>, ConsumerRebalanceListener> subscribe;
    private final Map<TopicPartition, Long> uncommitted = new HashMap<>();
    private volatile boolean leaving;

    GroupMember(
        String name,
        GroupLedger ledger,
        Consumer<String, String> consumer,
        BiConsumer<Consumer<String, String>, ConsumerRebalanceListener> subscribe) {
        super(name);
        this.ledger = ledger;
        this.consumer = consumer;
        this.subscribe = subscribe;
        start();
    }

    /** Commits, leaves the group, and returns when that is done. */
    void leave() throws InterruptedException {
        leaving = true;
        join();
        ledger.left(getName());
    }

    @Override
    public void run() {
        try (consumer) {
            subscribe.accept(consumer, this);
            while (!leaving) {
                ConsumerRecords<String, String> records = consumer.poll(Cluster.POLL);
                for (ConsumerRecord<String, String> record : records) {
                    ledger.read(record);
                    uncommitted.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
                }
                commit();
            }
        } catch (RuntimeException | AssertionError e) {
            ledger.failed(e);
        }
    }

    private void commit() {
        if (uncommitted.isEmpty()) return;
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        uncommitted.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        try {
            consumer.commitSync(offsets);
        } catch (RebalanceInProgressException e) {
            // Kafka's advice: poll on until the rebalance is done, and commit then.
            return;
        }
        ledger.committed(uncommitted);
        uncommitted.clear();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        ledger.assigned(getName(), partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        commit();
        ledger.revoked(getName(), partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions);
        ledger.lost(getName(), partitions);
    }
}
