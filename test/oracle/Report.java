package oracle;

import java.util.ArrayList;
import java.util.List;

/** What a run has to say at its end. A problem is a fixture that failed a check of its own, and fails the run. */
final class Report {
    private static final int SHOWN = 30;
    private static final List<String> PROBLEMS = new ArrayList<>();

    private Report() {}

    static void problem(String text) {
        PROBLEMS.add(text);
    }

    static void line(String format, Object... arguments) {
        System.err.printf(format + "%n", arguments);
    }

    /** The exit code. */
    static int finish() {
        PROBLEMS.stream().limit(SHOWN).forEach(problem -> line("PROBLEM %s", problem));
        line("problems: %d", PROBLEMS.size());
        return PROBLEMS.isEmpty() ? 0 : 1;
    }
}
