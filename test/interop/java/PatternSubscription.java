package interop;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A subscription by regular expression that the broker resolves (KIP-848), also to a topic which comes later. */
final class PatternSubscription {
    private static final int RECORDS = 300;

    private PatternSubscription() {}

    static Object run(Cluster cluster) throws Exception {
        fill(cluster, cluster.createTopic("red", 2));
        fill(cluster, cluster.createTopic("blue", 2));
        fill(cluster, cluster.createTopic("green", 1));
        SubscriptionPattern pattern = new SubscriptionPattern(cluster.prefix() + "-(red|gr[ae]y|blue)");
        GroupLedger ledger = new GroupLedger();
        Map<String, Object> observed = new TreeMap<>();
        Consumer<String, String> consumer =
            cluster.consumer("group.id", cluster.name("group"), "group.protocol", "consumer", "metadata.max.age.ms", "500");
        GroupMember member = new GroupMember("one", ledger, consumer, (it, listener) -> it.subscribe(pattern, listener));
        ledger.awaitAssignment("one", List.of("blue-0", "blue-1", "red-0", "red-1"));
        ledger.awaitCommitted(2 * RECORDS);
        observed.put("at first", ledger.assignmentOf("one"));
        fill(cluster, cluster.createTopic("gray", 1));
        ledger.awaitAssignment("one", List.of("blue-0", "blue-1", "gray-0", "red-0", "red-1"));
        ledger.awaitCommitted(3 * RECORDS);
        observed.put("with a new topic", ledger.assignmentOf("one"));
        member.leave();
        observed.put("records", ledger.summary(3 * RECORDS));
        observed.put("a pattern that is none", invalidPattern(cluster));
        return observed;
    }

    private static void fill(Cluster cluster, String topic) {
        try (Producer<String, String> producer = cluster.producer()) {
            int partitions = producer.partitionsFor(topic).size();
            for (int i = 0; i < RECORDS; i++) producer.send(new ProducerRecord<>(topic, i % partitions, null, "value-" + i));
        }
    }

    private static String invalidPattern(Cluster cluster) {
        try (Consumer<String, String> consumer =
            cluster.consumer("group.id", cluster.name("invalid"), "group.protocol", "consumer")) {
            consumer.subscribe(new SubscriptionPattern("(unclosed"));
            return Cluster.failureOf(() -> {
                for (int i = 0; i < 100; i++) consumer.poll(Cluster.POLL);
            });
        }
    }
}
