package oracle;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Apache Kafka's own classes as a test oracle: this program only calls them, and prints bytes and what they mean.
 *
 * <p>{@code gen DIR [options]} writes every fixture file (options: {@link Selection}); {@code serve} answers questions, one JSON a
 * line ({@link Serve}).
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        String mode = arguments.length > 0 ? arguments[0] : "";
        if (mode.equals("serve")) {
            Serve.run();
        } else if (mode.equals("gen") && arguments.length > 1) {
            System.exit(generate(Path.of(arguments[1]), Selection.parse(arguments)));
        } else {
            System.err.println("usage: oracle.Main gen DIR [options] | serve");
            System.exit(2);
        }
    }

    private static int generate(Path dir, Selection selection) throws Exception {
        selection.checkNames();
        Files.createDirectories(dir);
        ApiTables.write(dir);
        MessageFixtures.write(dir, selection);
        DataFixtures.write(dir, selection);
        RecordFixtures.write(dir, selection);
        PrimitiveFixtures.write(dir);
        ProducerFixtures.write(dir);
        ClientAssignorFixtures.write(dir);
        PrefixCheck.run();
        return Report.finish();
    }
}
