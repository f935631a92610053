import java.io.IOException;
import java.util.Arrays;

/**
 * Runs another main class, and ends the JVM when its standard input ends: a broker must not outlive the test that started it,
 * not even one that was killed and could not clean up.
 */
public final class EndsWithParent {
    private EndsWithParent() {}

    /** Arguments: the name of the main class, then its own. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread watch = new Thread(EndsWithParent::waitForEndOfInput, "ends-with-parent");
        watch.setDaemon(true);
        watch.start();
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
    }

    private static void waitForEndOfInput() {
        try {
            while (System.in.read() >= 0) continue;
        } catch (IOException e) {
            // A broken pipe is an end as well.
        }
        Runtime.getRuntime().halt(1);
    }
}
