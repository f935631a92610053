import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the programs for Java have in common: how a run is described to them, and what is asked of their process. */
final class ProcessFigures {
    private ProcessFigures() {}

    /** `name=value…` */
    static Map<String, String> planFromArguments(String[] arguments) {
        Map<String, String> plan = new HashMap<>();
        for (String argument : arguments) plan.put(argument.split("=", 2)[0], argument.split("=", 2)[1]);
        return plan;
    }

    static String runtime() {
        return "Java " + Runtime.version().feature();
    }

    static double percentile(double[] sorted, double fraction) {
        return sorted[Math.min(sorted.length - 1, (int) (sorted.length * fraction))];
    }

    /** Of all threads, the compiler's and the collector's included. */
    static double cpuSeconds() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    static double peakRssMb() throws Exception {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
        }
        return 0;
    }
}
