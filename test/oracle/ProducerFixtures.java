package oracle;

import static oracle.Bytes.hex;
import static oracle.Bytes.object;
import static oracle.Bytes.utf8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner.StickyPartitionInfo;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.DoubleSerializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * key-partitions.jsonl: where Java's producer sends records with keys. sticky-switches.jsonl: when records without keys go to another
 * partition. serializers.jsonl: what its serializers make of values.
 */
final class ProducerFixtures {
    private static final int KEYS = 10_000;
    /** Of at most 256, so that a partition is a byte. */
    private static final int[] PARTITION_COUNTS = {1, 3, 7, 12, 100};
    private static final int[] BATCH_SIZES = {1, 2, 3, 100, 16_384};
    private static final int STICKY_STEPS = 400;
    private static final int[] INTEGERS = {0, 1, -1, 42, 255, 256, -256, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE};
    private static final long[] LONGS = {
        0, 1, -1, 42, 4294967296L, -4294967297L, 9007199254740991L, 9007199254740993L, Long.MAX_VALUE, Long.MIN_VALUE};
    private static final double[] DOUBLES = {
        0, -0.0, 1, -1.5, 0.1, 1e300, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY};
    private static final String[] STRINGS = {"", "plain", "k\u00e4\u6f22\ud83d\ude00", "\u0000\n", "\ufeffmark"};

    private ProducerFixtures() {}

    static void write(Path dir) throws Exception {
        try (PrintWriter out = Bytes.open(dir, "key-partitions.jsonl")) {
            for (int count : PARTITION_COUNTS) {
                byte[] partitions = new byte[KEYS];
                for (int i = 0; i < KEYS; i++) partitions[i] = (byte) BuiltInPartitioner.partitionForKey(key(i), count);
                String all = Base64.getEncoder().encodeToString(partitions);
                out.println(object("partitioner", "default").put("partitions", count).put("keys", KEYS).put("of", all));
            }
        }
        try (PrintWriter out = Bytes.open(dir, "sticky-switches.jsonl")) {
            for (int batchSize : BATCH_SIZES) stickySwitches(batchSize, out);
        }
        try (PrintWriter out = Bytes.open(dir, "serializers.jsonl")) {
            for (String value : STRINGS) out.println(line("strings", value, value, new StringSerializer()));
            for (Integer value : INTEGERS) out.println(line("int32", "" + value, value, new IntegerSerializer()));
            for (Long value : LONGS) out.println(line("int64", "" + value, value, new LongSerializer()));
            for (Double value : DOUBLES) out.println(line("float64", "" + value, value, new DoubleSerializer()));
        }
        Report.line("keys: %d at %d numbers of partitions", KEYS, PARTITION_COUNTS.length);
    }

    /** The methods are for Java's accumulator only, and its constructor is another in 4.3. */
    private static void stickySwitches(int batchSize, PrintWriter out) throws Exception {
        Constructor<?> constructor = BuiltInPartitioner.class.getConstructors()[0];
        Object log = constructor.getParameterTypes()[0].getConstructor().newInstance();
        Object[] arguments = {log, "topic", batchSize, false, ""};
        Object partitioner = constructor.newInstance(Arrays.copyOf(arguments, constructor.getParameterCount()));
        Method peek = method("peekCurrentPartitionInfo", Cluster.class);
        Method update =
            method("updatePartitionInfo", StickyPartitionInfo.class, int.class, Cluster.class, boolean.class);
        Method isChanged = method("isPartitionChanged", StickyPartitionInfo.class);
        Node node = new Node(0, "host", 9092);
        Node[] replicas = {node};
        PartitionInfo only = new PartitionInfo("topic", 0, node, replicas, replicas);
        Cluster cluster = new Cluster("cluster", List.of(node), List.of(only), Set.of(), Set.of());
        Rng rng = new Rng("sticky " + batchSize);
        ObjectNode line = object("type", "sticky-switches").put("batchSize", batchSize);
        ArrayNode steps = line.putArray("steps");
        for (int i = 0; i < STICKY_STEPS; i++) {
            int bytes = rng.oneIn(8) ? 0 : 1 + rng.below(Math.max(1, batchSize * 2 / 3));
            boolean isFull = bytes == 0 || rng.oneIn(3);
            Object chosen = peek.invoke(partitioner, cluster);
            update.invoke(partitioner, chosen, bytes, cluster, isFull);
            steps.addArray().add(bytes).add(isFull).add((boolean) isChanged.invoke(partitioner, chosen));
        }
        out.println(line);
    }

    private static Method method(String name, Class<?>... parameters) throws NoSuchMethodException {
        Method method = BuiltInPartitioner.class.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return method;
    }

    private static <T> Object line(String format, String text, T value, Serializer<T> serializer) {
        return object("format", format, "value", text, "hex", hex(serializer.serialize("topic", value)));
    }

    /** By a rule, and not by a list, to keep the fixture small; test/support/partition-keys.ts has the same. */
    private static byte[] key(int i) {
        return switch (i % 5) {
            case 0 -> i == 0 ? new byte[0] : utf8("key-" + i);
            case 1 -> utf8("user:" + i + ":\u00e4\u6f22\ud83d\ude00".repeat(i % 7));
            case 2 -> ByteBuffer.allocate(8).putLong(i * 0x9e3779b97f4a7c15L).array();
            case 3 -> binary(i, i % 67);
            default -> i % 500 == 4 ? binary(i, 5000 + i) : ByteBuffer.allocate(4).putInt(i).array();
        };
    }

    private static byte[] binary(int i, int length) {
        byte[] bytes = new byte[length];
        for (int j = 0; j < length; j++) bytes[j] = (byte) (i * 131 + j * 29 + ((i ^ j) * (j + 1) >> 3));
        return bytes;
    }
}
