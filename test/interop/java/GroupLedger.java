package interop;

import static interop.Cluster.expect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** What the members of a group were given, read and committed. All of them write into it. */
final class GroupLedger {
    private static final long PATIENCE_MS = 60_000;

    private final Map<String, TreeSet<String>> assignments = new TreeMap<>();
    private final Map<TopicPartition, TreeSet<Long>> read = new HashMap<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private final Map<String, Integer> callbacks = new HashMap<>();
    private final Map<String, Integer> revoked = new HashMap<>();
    private final List<Throwable> failures = new ArrayList<>();
    private int lost;
    private int records;
    private int doubled;

    synchronized void assigned(String member, Collection<TopicPartition> partitions) {
        assignments.computeIfAbsent(member, key -> new TreeSet<>()).addAll(names(partitions));
        callbacks.merge(member, 1, Integer::sum);
        notifyAll();
    }

    synchronized void revoked(String member, Collection<TopicPartition> partitions) {
        assignments.computeIfAbsent(member, key -> new TreeSet<>()).removeAll(names(partitions));
        callbacks.merge(member, 1, Integer::sum);
        revoked.merge(member, partitions.size(), Integer::sum);
        notifyAll();
    }

    synchronized void lost(String member, Collection<TopicPartition> partitions) {
        lost += partitions.size();
        revoked(member, partitions);
    }

    synchronized void left(String member) {
        assignments.remove(member);
        notifyAll();
    }

    synchronized void failed(Throwable failure) {
        failures.add(failure);
        notifyAll();
    }

    /** A record below an offset that somebody had committed already was delivered twice. */
    synchronized void read(ConsumerRecord<String, String> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < committed.getOrDefault(partition, 0L)) doubled++;
        read.computeIfAbsent(partition, key -> new TreeSet<>()).add(record.offset());
        records++;
        notifyAll();
    }

    synchronized void committed(Map<TopicPartition, Long> positions) {
        positions.forEach((partition, position) -> committed.merge(partition, position, Math::max));
        notifyAll();
    }

    /** Waits until the partitions are shared out: each to one member, the same number for every member. */
    void awaitShares(int members, int partitions) throws InterruptedException {
        await(members + " members with " + partitions + " partitions", () -> {
            TreeSet<String> all = new TreeSet<>();
            assignments.values().forEach(all::addAll);
            return assignments.size() == members
                && all.size() == partitions
                && assignments.values().stream().allMatch(share -> share.size() == partitions / members);
        });
    }

    void awaitRecords(int count) throws InterruptedException {
        await(count + " records", () -> distinct() >= count);
    }

    void awaitCommitted(long count) throws InterruptedException {
        await(count + " committed", () -> committed.values().stream().mapToLong(Long::longValue).sum() >= count);
    }

    void awaitAssignment(String member, List<String> partitions) throws InterruptedException {
        await(member + " with " + partitions, () -> new ArrayList<>(assignments.getOrDefault(member, new TreeSet<>())).equals(partitions));
    }

    private synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (!condition.getAsBoolean()) {
            if (!failures.isEmpty()) throw new IllegalStateException("a member failed", failures.get(0));
            long left = deadline - System.currentTimeMillis();
            expect(left > 0, "waited " + PATIENCE_MS + " ms for " + what + "; " + assignments + ", " + records + " records");
            wait(left);
        }
    }

    synchronized TreeSet<String> assignmentOf(String member) {
        return new TreeSet<>(assignments.getOrDefault(member, new TreeSet<>()));
    }

    /** What each member has, whoever it is: in the order of the shares. */
    synchronized List<List<String>> shares() {
        return assignments.values().stream().map(ArrayList::new).map(share -> (List<String>) share)
            .sorted((a, b) -> a.toString().compareTo(b.toString())).toList();
    }

    synchronized List<Integer> shareSizes() {
        return assignments.values().stream().map(TreeSet::size).sorted().toList();
    }

    /** How many partitions were taken from these members so far. */
    synchronized int revokedFrom(Collection<String> members) {
        return members.stream().mapToInt(member -> revoked.getOrDefault(member, 0)).sum();
    }

    /** How often a member was told of a change. */
    synchronized int callbacksOf(String member) {
        return callbacks.getOrDefault(member, 0);
    }

    /** For a group that has read all of these records, which lie from offset 0 on. */
    synchronized Map<String, Object> summary(int produced) {
        expect(failures.isEmpty(), "a member failed: " + failures);
        expect(doubled == 0, doubled + " records came again although they were committed");
        expect(distinct() == produced, "read " + distinct() + " of " + produced + " records");
        read.forEach((partition, offsets) ->
            expect(offsets.last() == offsets.size() - 1, partition + ": " + offsets.size() + " offsets up to " + offsets.last()));
        return Map.of("distinctRecords", distinct(), "committedTwice", doubled, "partitionsLost", lost,
            "committed", committed.values().stream().mapToLong(Long::longValue).sum());
    }

    private int distinct() {
        return read.values().stream().mapToInt(TreeSet::size).sum();
    }

    /** Without the topic's prefix: its last word and the partition. */
    static TreeSet<String> names(Collection<TopicPartition> partitions) {
        return partitions.stream()
            .map(it -> it.topic().substring(it.topic().lastIndexOf('-') + 1) + "-" + it.partition())
            .collect(Collectors.toCollection(TreeSet::new));
    }
}
