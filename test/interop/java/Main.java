package interop;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Map;

/**
 * Runs one program against a broker and prints what it observed as one line of JSON. A wrong result is an exception, and the exit
 * code 1. Arguments: the program, the bootstrap servers, a prefix for every name, then the program's own.
 */
public final class Main {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private interface Program {
        Object run(Cluster cluster, String[] options) throws Exception;
    }

    private static final Map<String, Program> PROGRAMS = Map.ofEntries(
        Map.entry("classic-group", (cluster, options) -> ClassicGroup.run(cluster, options[0])),
        Map.entry("consumer-group", (cluster, options) -> ConsumerGroup.run(cluster, options[0])),
        Map.entry("static-member", (cluster, options) -> StaticMember.run(cluster, options[0])),
        Map.entry("mixed-members", MixedMembers::run),
        Map.entry("pattern", (cluster, options) -> PatternSubscription.run(cluster)),
        Map.entry("transactions", (cluster, options) -> Transactions.run(cluster)),
        Map.entry("consume-transform-produce", (cluster, options) -> ConsumeTransformProduce.run(cluster)),
        Map.entry("read", Reader::records),
        Map.entry("partitions", Reader::partitions),
        Map.entry("write", PlannedWriter::run),
        Map.entry("codecs", (cluster, options) -> Codecs.run(cluster)),
        Map.entry("admin-topics", (cluster, options) -> AdminTopics.run(cluster)),
        Map.entry("admin-configs", (cluster, options) -> AdminConfigs.run(cluster)),
        Map.entry("admin-offsets", (cluster, options) -> AdminOffsets.run(cluster)),
        Map.entry("admin-groups", (cluster, options) -> AdminGroups.run(cluster)),
        Map.entry("admin-transactions", (cluster, options) -> AdminTransactions.run(cluster)));

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Program program = PROGRAMS.get(arguments[0]);
        if (program == null) throw new IllegalArgumentException("no program " + arguments[0]);
        String[] options = java.util.Arrays.copyOfRange(arguments, 3, arguments.length);
        try {
            System.out.println(json(program.run(new Cluster(arguments[1], arguments[2]), options)));
            System.exit(0);
        } catch (Exception | AssertionError e) {
            e.printStackTrace();
            // Threads of clients that nobody closed after the failure must not keep the process.
            System.exit(1);
        }
    }

    static String json(Object value) throws Exception {
        return JSON.writeValueAsString(value);
    }
}
