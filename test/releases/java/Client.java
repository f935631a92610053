package releases;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/** Kafka's client of some version. The program is compiled once; what has another signature somewhere is called by its name. */
final class Client {
    private static final String STRINGS = "org.apache.kafka.common.serialization.String";
    private static final long PATIENCE_MS = 15_000;

    private final int major;
    private final int minor;
    private final String bootstrapServers;
    private final String prefix;

    Client(String version, String bootstrapServers, String prefix) {
        String[] parts = version.split("\\.");
        this.major = Integer.parseInt(parts[0]);
        this.minor = Integer.parseInt(parts[1]);
        this.bootstrapServers = bootstrapServers;
        this.prefix = prefix;
    }

    boolean isAtLeast(int otherMajor, int otherMinor) {
        return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }

    String name(String word) {
        return prefix + "-" + word;
    }

    List<String> codecs() {
        List<String> codecs = new ArrayList<>(Arrays.asList("none", "gzip", "snappy", "lz4"));
        if (isAtLeast(2, 1)) codecs.add("zstd");
        return codecs;
    }

    KafkaProducer<String, String> producer(String... settings) {
        Properties properties = properties(settings);
        properties.setProperty("key.serializer", STRINGS + "Serializer");
        properties.setProperty("value.serializer", STRINGS + "Serializer");
        properties.putIfAbsent("acks", "all");
        // Old clients give up at once; and a retry must not change the order.
        properties.setProperty("retries", "20");
        properties.setProperty("max.in.flight.requests.per.connection", "1");
        return new KafkaProducer<>(properties);
    }

    KafkaConsumer<String, String> consumer(String... settings) {
        Properties properties = properties(settings);
        properties.setProperty("key.deserializer", STRINGS + "Deserializer");
        properties.setProperty("value.deserializer", STRINGS + "Deserializer");
        properties.setProperty("auto.offset.reset", "earliest");
        properties.setProperty("enable.auto.commit", "false");
        properties.setProperty("heartbeat.interval.ms", "100");
        properties.setProperty("session.timeout.ms", "10000");
        properties.setProperty("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");
        return new KafkaConsumer<>(properties);
    }

    AdminClient admin() {
        return AdminClient.create(properties());
    }

    private Properties properties(String... settings) {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", bootstrapServers);
        properties.setProperty("retry.backoff.ms", "20");
        // Nothing that a scenario does takes long; an error must not be hidden behind a client's patience.
        properties.setProperty("request.timeout.ms", isAtLeast(2, 0) ? "10000" : "40000");
        for (int index = 0; index < settings.length; index += 2) properties.setProperty(settings[index], settings[index + 1]);
        return properties;
    }

    static void assign(KafkaConsumer<?, ?> consumer, TopicPartition... partitions) throws Exception {
        call(consumer, "assign", Arrays.asList(partitions));
    }

    static void subscribe(KafkaConsumer<?, ?> consumer, String topic, ConsumerRebalanceListener listener) throws Exception {
        call(consumer, "subscribe", Arrays.asList(topic), listener);
    }

    @SuppressWarnings("unchecked")
    static ConsumerRecords<String, String> poll(KafkaConsumer<String, String> consumer) throws Exception {
        for (Method method : KafkaConsumer.class.getMethods()) {
            if (method.getName().equals("poll") && method.getParameterTypes()[0] == long.class) {
                return (ConsumerRecords<String, String>) method.invoke(consumer, 50L);
            }
        }
        return consumer.poll(java.time.Duration.ofMillis(50));
    }

    static List<ConsumerRecord<String, String>> read(KafkaConsumer<String, String> consumer, int count) throws Exception {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (records.size() < count) {
            for (ConsumerRecord<String, String> record : poll(consumer)) records.add(record);
            if (System.currentTimeMillis() > deadline) throw new AssertionError("read " + records.size() + " of " + count);
        }
        return records;
    }

    /** The public method of this name that takes the arguments, whatever their declared types. */
    static Object call(Object target, String name, Object... arguments) throws Exception {
        for (Method method : target.getClass().getMethods()) {
            if (!method.getName().equals(name) || !accepts(method.getParameterTypes(), arguments)) continue;
            method.setAccessible(true);
            return method.invoke(target, arguments);
        }
        throw new NoSuchMethodException(name);
    }

    private static boolean accepts(Class<?>[] types, Object[] arguments) {
        if (types.length != arguments.length) return false;
        for (int index = 0; index < types.length; index++) {
            if (!types[index].isPrimitive() && arguments[index] != null && !types[index].isInstance(arguments[index])) return false;
        }
        return true;
    }
}
