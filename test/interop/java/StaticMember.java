package interop;

import static interop.Cluster.expect;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;

/** A member with a group.instance.id that goes and comes back: it gets what it had, and the others notice nothing. */
final class StaticMember {
    private static final int PARTITIONS = 4;
    private static final int RECORDS = 4_000;

    private StaticMember() {}

    /** With the group protocol "classic" or "consumer". */
    static Object run(Cluster cluster, String protocol) throws Exception {
        String topic = cluster.createTopic("orders", PARTITIONS);
        try (var producer = cluster.producer()) {
            for (int i = 0; i < RECORDS; i++)
                producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, i % PARTITIONS, null, "value-" + i));
        }
        GroupLedger ledger = new GroupLedger();
        Map<String, Object> observed = new TreeMap<>();
        GroupMember other = member(cluster, ledger, topic, protocol, "other");
        GroupMember fixed = member(cluster, ledger, topic, protocol, "fixed");
        ledger.awaitShares(2, PARTITIONS);
        ledger.awaitCommitted(RECORDS);
        TreeSet<String> before = ledger.assignmentOf("fixed");
        int callbacks = ledger.callbacksOf("other");
        fixed.leave();
        GroupMember again = member(cluster, ledger, topic, protocol, "fixed");
        ledger.awaitShares(2, PARTITIONS);
        TreeSet<String> after = ledger.assignmentOf("fixed");
        expect(after.equals(before), "had " + before + ", and after its return " + after);
        observed.put("same partitions after its return", true);
        observed.put("changes the other member was told of", ledger.callbacksOf("other") - callbacks);
        observed.put("shares", ledger.shareSizes());
        observed.put("a second with the same instance id", protocol.equals("consumer") ? intruder(cluster, topic) : "not tried");
        again.leave();
        other.leave();
        observed.put("records", ledger.summary(RECORDS));
        return observed;
    }

    /** Under KIP-848 the newcomer is refused; under the classic protocol it would be the old one that is fenced. */
    private static String intruder(Cluster cluster, String topic) {
        try (Consumer<String, String> consumer = consumer(cluster, "consumer", "fixed")) {
            consumer.subscribe(List.of(topic));
            return Cluster.failureOf(() -> {
                for (int i = 0; i < 100; i++) consumer.poll(Cluster.POLL);
            });
        }
    }

    private static GroupMember member(Cluster cluster, GroupLedger ledger, String topic, String protocol, String name) {
        return new GroupMember(name, ledger, consumer(cluster, protocol, name),
            (it, listener) -> it.subscribe(List.of(topic), listener));
    }

    private static Consumer<String, String> consumer(Cluster cluster, String protocol, String instance) {
        return cluster.consumer("group.id", cluster.name("group"), "group.protocol", protocol, "group.instance.id", instance);
    }
}
