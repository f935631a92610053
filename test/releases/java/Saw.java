package releases;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

/** What a client observed, a line for each thing. */
final class Saw {
    private Saw() {}

    /** The value; or, if there is none, the name of the exception that the client ended with. */
    static void saw(String what, Callable<?> observe) {
        String value;
        try {
            value = String.valueOf(observe.call());
        } catch (Exception | LinkageError e) {
            value = nameOf(e);
            if (System.getProperty("traces") != null) e.printStackTrace();
        }
        System.out.println(what + ": " + value);
    }

    static String nameOf(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && (isWrapper(cause))) cause = cause.getCause();
        return cause.getClass().getSimpleName();
    }

    /** Older clients wrap more than newer ones. */
    private static boolean isWrapper(Throwable e) {
        return e instanceof ExecutionException
            || e instanceof java.lang.reflect.InvocationTargetException
            || e.getClass().getName().equals("org.apache.kafka.common.KafkaException");
    }
}
