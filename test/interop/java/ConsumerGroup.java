package interop;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Two members of the protocol of KIP-848: the broker assigns. The second comes and goes while records keep coming. */
final class ConsumerGroup {
    private static final int PARTITIONS = 6;

    private ConsumerGroup() {}

    static Object run(Cluster cluster, String assignor) throws Exception {
        String topic = cluster.createTopic("orders", PARTITIONS);
        GroupLedger ledger = new GroupLedger();
        Map<String, Object> observed = new TreeMap<>();
        GroupLoad load = new GroupLoad(cluster, topic, PARTITIONS);
        GroupMember first = member(cluster, ledger, topic, assignor, "one");
        ledger.awaitShares(1, PARTITIONS);
        observed.put("shares of 1", ledger.shares());
        GroupMember second = member(cluster, ledger, topic, assignor, "two");
        ledger.awaitShares(2, PARTITIONS);
        // Which three of them is up to the uniform assignor.
        observed.put("shares of 2", assignor.equals("range") ? ledger.shares() : ledger.shareSizes());
        load.releaseNext();
        ledger.awaitRecords(GroupLoad.EARLY);
        int revokedBefore = ledger.revokedFrom(List.of("one"));
        second.leave();
        ledger.awaitShares(1, PARTITIONS);
        observed.put("shares after one has left", ledger.shares());
        observed.put("partitions revoked from the one who stays", ledger.revokedFrom(List.of("one")) - revokedBefore);
        load.releaseNext();
        ledger.awaitRecords(GroupLoad.RECORDS);
        ledger.awaitCommitted(GroupLoad.RECORDS);
        first.leave();
        observed.put("records", ledger.summary(GroupLoad.RECORDS));
        return observed;
    }

    private static GroupMember member(Cluster cluster, GroupLedger ledger, String topic, String assignor, String name) {
        var consumer = cluster.consumer("group.id", cluster.name("group"), "group.protocol", "consumer",
            "group.remote.assignor", assignor);
        return new GroupMember(name, ledger, consumer, (it, listener) -> it.subscribe(List.of(topic), listener));
    }
}
