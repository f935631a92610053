package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command line tools, as they are, one after the other in one JVM; each start would cost half a second. A line of
 * standard input is a command: the class of a tool and its parameters, or a word from below that sets a stage for the tools. The
 * answer is a line with the exit code and what was written.
 */
public final class ToolShell {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Thrown where a tool would end its process. */
    private static final class Ended extends Error {
        private static final long serialVersionUID = 1;
    }

    private final Cluster cluster;
    private final Map<String, Producer<String, String>> transactions = new TreeMap<>();
    private final Map<String, GroupMember> members = new TreeMap<>();

    /** Of the tool that runs, once it has ended. */
    private Integer exitCode;

    private ToolShell(Cluster cluster) {
        this.cluster = cluster;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        ToolShell shell = new ToolShell(new Cluster(arguments[0], arguments[1]));
        Exit.setExitProcedure(shell::end);
        Exit.setHaltProcedure(shell::end);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine())
            answers.println(Main.json(shell.answer(JSON.readTree(line))));
        // Some tools leave threads behind.
        Runtime.getRuntime().halt(0);
    }

    private Map<String, Object> answer(JsonNode command) {
        List<String> parameters = new ArrayList<>();
        command.get("parameters").forEach(parameter -> parameters.add(parameter.asText()));
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        exitCode = null;
        try {
            run(command.get("command").asText(), parameters);
        } catch (Throwable e) {
            if (exitCode == null) {
                e.printStackTrace();
                exitCode = 1;
            }
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return Map.of("code", exitCode == null ? 0 : exitCode, "stdout", written.toString(StandardCharsets.UTF_8),
            "stderr", errors.toString(StandardCharsets.UTF_8));
    }

    /** Some tools catch what ends them and want to tell about it: what comes after the first end is not written. */
    private void end(int code, String message) {
        if (exitCode == null) {
            if (message != null) System.err.println(message);
            exitCode = code;
            System.setOut(new PrintStream(PrintStream.nullOutputStream()));
            System.setErr(new PrintStream(PrintStream.nullOutputStream()));
        }
        throw new Ended();
    }

    private void run(String command, List<String> parameters) throws Throwable {
        switch (command) {
            case "produce" -> produce(parameters.get(0), Integer.parseInt(parameters.get(1)), Integer.parseInt(parameters.get(2)));
            case "join" -> join(parameters.get(0), parameters.get(1), parameters.get(2), Integer.parseInt(parameters.get(3)));
            case "leave" -> members.remove(parameters.get(0)).leave();
            case "begin" -> begin(parameters.get(0), parameters.get(1));
            case "commit" -> commit(parameters.get(0));
            default -> {
                try {
                    Class.forName(command).getMethod("main", String[].class)
                        .invoke(null, (Object) parameters.toArray(String[]::new));
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            }
        }
    }

    /** Records in a partition, a second apart. */
    private void produce(String topic, int partition, int count) {
        try (Producer<String, String> producer = cluster.producer()) {
            for (int i = 0; i < count; i++)
                producer.send(new ProducerRecord<>(topic, partition, 1_700_000_000_000L + i * 1000L, null, "value-" + i));
        }
    }

    /** A member of a group that reads a topic to its end, commits, and stays. */
    private void join(String group, String topic, String protocol, int records) throws Exception {
        GroupLedger ledger = new GroupLedger();
        var consumer = cluster.consumer("group.id", group, "group.protocol", protocol, "client.id", "reader");
        members.put(group, new GroupMember("reader", ledger, consumer, (it, listener) -> it.subscribe(List.of(topic), listener)));
        ledger.awaitCommitted(records);
    }

    /** A transaction with one record, left open. */
    private void begin(String transactionalId, String topic) throws Exception {
        Producer<String, String> producer = cluster.producer("transactional.id", transactionalId);
        transactions.put(transactionalId, producer);
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, 0, null, "value")).get();
    }

    private void commit(String transactionalId) {
        try (Producer<String, String> producer = transactions.remove(transactionalId)) {
            producer.commitTransaction();
        }
    }
}
