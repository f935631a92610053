package interop;

import static interop.Cluster.expect;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Three members with one of Kafka's client-side assignors; one leaves while records keep coming. */
final class ClassicGroup {
    private static final int PARTITIONS = 6;
    private static final Map<String, String> ASSIGNORS = Map.of(
        "range", "org.apache.kafka.clients.consumer.RangeAssignor",
        "sticky", "org.apache.kafka.clients.consumer.StickyAssignor",
        "cooperative-sticky", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

    private ClassicGroup() {}

    static Object run(Cluster cluster, String assignor) throws Exception {
        String topic = cluster.createTopic("orders", PARTITIONS);
        GroupLedger ledger = new GroupLedger();
        Map<String, GroupMember> members = new TreeMap<>();
        Map<String, Object> observed = new TreeMap<>();
        GroupLoad load = new GroupLoad(cluster, topic, PARTITIONS);
        for (String name : List.of("one", "two", "three")) {
            var consumer = cluster.consumer("group.id", cluster.name("group"), "group.protocol", "classic",
                "heartbeat.interval.ms", "300", "partition.assignment.strategy", ASSIGNORS.get(assignor));
            members.put(name, new GroupMember(name, ledger, consumer, (it, listener) -> it.subscribe(List.of(topic), listener)));
            ledger.awaitShares(members.size(), PARTITIONS);
            if (assignor.equals("range")) observed.put("shares of " + members.size(), ledger.shares());
            else observed.put("shares of " + members.size(), ledger.shareSizes());
        }
        load.releaseNext();
        ledger.awaitRecords(GroupLoad.EARLY);
        Map<String, TreeSet<String>> before = new TreeMap<>();
        for (String name : List.of("one", "three")) before.put(name, ledger.assignmentOf(name));
        int revokedBefore = ledger.revokedFrom(before.keySet());
        members.remove("two").leave();
        ledger.awaitShares(2, PARTITIONS);
        observed.put("partitions revoked from those who stay", ledger.revokedFrom(before.keySet()) - revokedBefore);
        observed.put("shares after one has left", assignor.equals("range") ? ledger.shares() : ledger.shareSizes());
        if (!assignor.equals("range")) {
            before.forEach((name, partitions) -> expect(ledger.assignmentOf(name).containsAll(partitions),
                name + " had " + partitions + " and has " + ledger.assignmentOf(name)));
            observed.put("those who stay keep their partitions", true);
        }
        load.releaseNext();
        ledger.awaitRecords(GroupLoad.RECORDS);
        ledger.awaitCommitted(GroupLoad.RECORDS);
        for (GroupMember member : members.values()) member.leave();
        observed.put("records", ledger.summary(GroupLoad.RECORDS));
        return observed;
    }
}
