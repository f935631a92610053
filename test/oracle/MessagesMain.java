package oracle;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The entry for kafka-clients before 4.0, which still knows the versions that 4.0 dropped: only messages.jsonl. What this class
 * reaches must compile against both.
 */
public final class MessagesMain {
    private MessagesMain() {}

    /** Arguments: {@code gen DIR [options]}, see {@link Selection}. */
    public static void main(String[] arguments) throws Exception {
        Path dir = Path.of(arguments[1]);
        Selection selection = Selection.parse(arguments);
        selection.checkNames();
        Files.createDirectories(dir);
        MessageFixtures.write(dir, selection);
        System.exit(Report.finish());
    }
}
