package interop;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The broker under test, and names that no other run uses. */
record Cluster(String bootstrapServers, String prefix) {
    static final Duration POLL = Duration.ofMillis(100);
    private static final long PATIENCE_MS = 30_000;

    interface Action {
        void run() throws Exception;
    }

    String name(String word) {
        return prefix + "-" + word;
    }

    Admin admin() {
        return Admin.create(settings());
    }

    /** Settings are pairs of name and value. */
    Producer<String, String> producer(Object... settings) {
        return new KafkaProducer<>(settings(settings), new StringSerializer(), new StringSerializer());
    }

    /** Commits nothing by itself and begins with the earliest offset. */
    Consumer<String, String> consumer(Object... settings) {
        return new KafkaConsumer<>(consumerSettings(settings), new StringDeserializer(), new StringDeserializer());
    }

    Map<String, Object> consumerSettings(Object... settings) {
        Map<String, Object> all = settings("enable.auto.commit", "false", "auto.offset.reset", "earliest");
        all.putAll(settings(settings));
        return all;
    }

    Map<String, Object> settings(Object... settings) {
        Map<String, Object> all = new HashMap<>();
        all.put("bootstrap.servers", bootstrapServers);
        for (int i = 0; i < settings.length; i += 2) all.put((String) settings[i], settings[i + 1]);
        return all;
    }

    /**
     * Creates a topic of one replica and waits until the broker's metadata has it; returns its full name. It keeps its records for
     * ever unless told otherwise: some have times of long ago, which are older than a broker's retention.
     */
    String createTopic(String word, int partitions, String... configs) throws Exception {
        Map<String, String> map = new HashMap<>(Map.of("retention.ms", "-1"));
        for (int i = 0; i < configs.length; i += 2) map.put(configs[i], configs[i + 1]);
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name(word), partitions, (short) 1).configs(map))).all().get();
            describeTopic(admin, name(word));
        }
        return name(word);
    }

    /** Of a topic that was just created: the broker may not have heard of it yet. */
    static TopicDescription describeTopic(Admin admin, String topic) throws Exception {
        return until("topic " + topic + " to be known", () -> {
            try {
                return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) return null;
                throw e;
            }
        });
    }

    /** Where the log ends, once no transaction is open: the markers of one are written after its producer was told of its end. */
    Map<TopicPartition, Long> endsOfFinishedTransactions(Collection<TopicPartition> partitions) throws Exception {
        try (Consumer<String, String> uncommitted = consumer();
            Consumer<String, String> committed = consumer("isolation.level", "read_committed")) {
            return until("the end of all transactions", () -> {
                Map<TopicPartition, Long> ends = uncommitted.endOffsets(partitions);
                return committed.endOffsets(partitions).equals(ends) ? ends : null;
            });
        }
    }

    /** Asks again until the answer is not null. What the controller has decided reaches a broker's metadata a little later. */
    static <T> T until(String what, Callable<T> question) throws Exception {
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (System.currentTimeMillis() < deadline) {
            T answer = question.call();
            if (answer != null) return answer;
            Thread.sleep(20);
        }
        throw new AssertionError("waited " + PATIENCE_MS + " ms for " + what);
    }

    /** The class of what an action throws, that of the cause if it came wrapped; "none" if it succeeds. */
    static String failureOf(Action action) {
        try {
            action.run();
            return "none";
        } catch (ExecutionException e) {
            return e.getCause().getClass().getSimpleName();
        } catch (Exception e) {
            boolean isWrapper = e.getClass() == KafkaException.class && e.getCause() != null;
            return (isWrapper ? e.getCause() : e).getClass().getSimpleName();
        }
    }

    static void expect(boolean holds, String otherwise) {
        if (!holds) throw new AssertionError(otherwise);
    }
}
