package interop;

import static interop.Cluster.expect;
import static interop.Cluster.failureOf;
import static interop.Cluster.until;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The admin client on producers and transactions: seen while open, fenced, aborted and ended from outside. */
final class AdminTransactions {
    private AdminTransactions() {}

    static Object run(Cluster cluster) throws Exception {
        TopicPartition partition = new TopicPartition(cluster.createTopic("orders", 1), 0);
        Map<String, Object> observed = new TreeMap<>();
        try (Admin admin = cluster.admin()) {
            observed.put("open", open(cluster, admin, partition));
            observed.put("fenced", fenced(cluster, admin, partition));
            observed.put("aborted from outside", aborted(cluster, admin, partition));
            observed.put("terminated", terminated(cluster, admin, partition));
            observed.put("replaced", replaced(cluster, partition));
            observed.put("refused", refused(cluster, admin));
        }
        return observed;
    }

    /** A producer with one record in an open transaction. */
    private static Producer<String, String> begun(Cluster cluster, String id, TopicPartition partition) throws Exception {
        Producer<String, String> producer = cluster.producer("transactional.id", cluster.name(id), "transaction.timeout.ms", "45000");
        producer.initTransactions();
        producer.beginTransaction();
        send(producer, partition);
        return producer;
    }

    private static void send(Producer<String, String> producer, TopicPartition partition) throws Exception {
        producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, "value")).get();
    }

    private static Object open(Cluster cluster, Admin admin, TopicPartition partition) throws Exception {
        Map<String, Object> observed = new TreeMap<>();
        String id = cluster.name("writer");
        try (Producer<String, String> producer = begun(cluster, "writer", partition)) {
            TransactionDescription it = admin.describeTransactions(List.of(id)).description(id).get();
            observed.put("state", it.state().toString());
            observed.put("timeout", it.transactionTimeoutMs());
            observed.put("partitions", GroupLedger.names(it.topicPartitions()));
            observed.put("has started", it.transactionStartTimeMs().isPresent());
            ProducerState state = producers(admin, partition).get(0);
            expect(state.producerId() == it.producerId(), "producer id " + state.producerId() + " and " + it.producerId());
            observed.put("producer", "sequence " + state.lastSequence() + ", transaction from " + state.currentTransactionStartOffset().getAsLong());
            observed.put("listed", listed(admin, id, TransactionState.ONGOING));
            observed.put("listed as complete", listed(admin, id, TransactionState.COMPLETE_COMMIT));
            producer.commitTransaction();
            cluster.endsOfFinishedTransactions(List.of(partition));
            until("the end of the transaction", () -> listed(admin, id, TransactionState.COMPLETE_COMMIT).isEmpty() ? null : true);
            observed.put("afterwards", admin.describeTransactions(List.of(id)).description(id).get().topicPartitions().size());
            observed.put("still open in the log", producers(admin, partition).get(0).currentTransactionStartOffset().isPresent());
        }
        return observed;
    }

    private static List<ProducerState> producers(Admin admin, TopicPartition partition) throws Exception {
        return admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
    }

    private static List<String> listed(Admin admin, String id, TransactionState state) throws Exception {
        ListTransactionsOptions options = new ListTransactionsOptions().filterStates(Set.of(state));
        List<String> found = new ArrayList<>();
        for (TransactionListing it : admin.listTransactions(options).all().get())
            if (it.transactionalId().equals(id)) found.add(it.state().toString());
        return found;
    }

    private static Object fenced(Cluster cluster, Admin admin, TopicPartition partition) throws Exception {
        try (Producer<String, String> producer = begun(cluster, "fenced", partition)) {
            admin.fenceProducers(List.of(cluster.name("fenced"))).all().get();
            return Map.of("send", failureOf(() -> send(producer, partition)), "commit", failureOf(producer::commitTransaction));
        }
    }

    private static Object aborted(Cluster cluster, Admin admin, TopicPartition partition) throws Exception {
        try (Producer<String, String> producer = begun(cluster, "hanging", partition)) {
            String id = cluster.name("hanging");
            long producerId = admin.describeTransactions(List.of(id)).description(id).get().producerId();
            ProducerState state = producers(admin, partition).stream()
                .filter(it -> it.producerId() == producerId).findFirst().orElseThrow();
            AbortTransactionSpec spec = new AbortTransactionSpec(
                partition, producerId, (short) state.producerEpoch(), state.coordinatorEpoch().orElse(0));
            String failure = failureOf(() -> admin.abortTransaction(spec).all().get());
            boolean isOpen = producers(admin, partition).stream()
                .anyMatch(it -> it.producerId() == producerId && it.currentTransactionStartOffset().isPresent());
            return Map.of("abort", failure, "still open in the log", isOpen, "commit", failureOf(producer::commitTransaction));
        }
    }

    private static Object terminated(Cluster cluster, Admin admin, TopicPartition partition) throws Exception {
        try (Producer<String, String> producer = begun(cluster, "terminated", partition)) {
            admin.forceTerminateTransaction(cluster.name("terminated")).result().get();
            return Map.of("commit", failureOf(producer::commitTransaction));
        }
    }

    /** A second producer with the same transactional id aborts what the first left open. */
    private static Object replaced(Cluster cluster, TopicPartition partition) throws Exception {
        try (Producer<String, String> first = begun(cluster, "twin", partition);
            Producer<String, String> second = begun(cluster, "twin", partition)) {
            String commit = failureOf(first::commitTransaction);
            second.commitTransaction();
            return Map.of("commit of the first", commit, "begin of the first", failureOf(first::beginTransaction));
        }
    }

    private static Object refused(Cluster cluster, Admin admin) {
        String nobody = cluster.name("nobody");
        return Map.of(
            "unknown id", failureOf(() -> admin.describeTransactions(List.of(nobody)).description(nobody).get()),
            "a timeout of a day", failureOf(() -> {
                try (Producer<String, String> producer =
                    cluster.producer("transactional.id", cluster.name("patient"), "transaction.timeout.ms", "86400000")) {
                    producer.initTransactions();
                }
            }));
    }
}
