import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.tools.ProducerPerformance;

/**
 * One run of one case by Java's producer: as cases/produce/worker.mjs, in Java. In bulk it is Kafka's own kafka-producer-perf-test, called
 * in this process, once after the other until it is warm. That tool cannot bound what is outstanding, so `send` and `latency` are
 * programmed against the producer itself. Idempotent, as it is by default.
 */
public final class ProducerLoad {
    /** Of the latencies of `send`, one in so many is looked at. */
    private static final int SAMPLE_EVERY = 16;
    private static final long TICK_NANOS = 1_000_000;
    /** Of the tool, for the first of its runs that warm up. */
    private static final long FIRST_RECORDS = 20_000;
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) records sent, ([\\d.]+) records/sec");

    private record Measured(long records, double seconds, double[] latencies) {}

    private final Map<String, String> plan;
    private final byte[][] values;

    private ProducerLoad(String[] arguments) throws Exception {
        plan = ProcessFigures.planFromArguments(arguments);
        List<byte[]> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(plan.get("valuesFile")))) lines.add(line.getBytes(StandardCharsets.UTF_8));
        values = lines.toArray(byte[][]::new);
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println(new ProducerLoad(arguments).run());
    }

    private String run() throws Exception {
        String style = plan.get("style");
        long start = System.nanoTime();
        try (KafkaProducer<byte[], byte[]> producer = connect()) {
            producer.send(new ProducerRecord<>(plan.get("topic"), values[0])).get();
            double coldMs = (System.nanoTime() - start) / 1e6;
            return switch (style) {
                case "bulk" -> measure(coldMs, new Tool());
                case "send" -> measure(coldMs, (nanos) -> keepSending(producer, nanos));
                case "latency" -> measure(coldMs, (nanos) -> keepPace(producer, nanos));
                default -> throw new IllegalArgumentException(style);
            };
        }
    }

    private interface Style {
        Measured run(long nanos) throws Exception;
    }

    private String measure(double coldMs, Style style) throws Exception {
        long warm = style.run(number("warmUpMs") * 1_000_000).records();
        double cpuBefore = ProcessFigures.cpuSeconds();
        Measured measured = style.run(number("measureMs") * 1_000_000);
        double cpu = ProcessFigures.cpuSeconds() - cpuBefore;
        double[] latencies = measured.latencies();
        Arrays.sort(latencies);
        String percentiles = latencies.length == 0 ? "" : String.format(
                Locale.ROOT, ",\"p50Ms\":%f,\"p99Ms\":%f", ProcessFigures.percentile(latencies, 0.5),
                ProcessFigures.percentile(latencies, 0.99));
        return String.format(
                Locale.ROOT,
                "{\"runtime\":\"%s\",\"coldMs\":%f,\"sent\":%d,\"records\":%d,\"seconds\":%f,\"cpuSeconds\":%f,\"peakRssMb\":%f%s}",
                ProcessFigures.runtime(), coldMs, 1 + warm + measured.records(), measured.records(), measured.seconds(), cpu,
                ProcessFigures.peakRssMb(), percentiles);
    }

    /** kafka-producer-perf-test: so many records as will take about the time given, by the speed of the run before. */
    private final class Tool implements Style {
        private double perSecond;

        @Override
        public Measured run(long nanos) throws Exception {
            if (perSecond > 0) return runOnce(Math.max(1, (long) (perSecond * nanos / 1e9)));
            long records = 0;
            long start = System.nanoTime();
            for (long next = FIRST_RECORDS; System.nanoTime() - start < nanos; next *= 2) {
                Measured once = runOnce(next);
                records += once.records();
                perSecond = once.records() / once.seconds();
            }
            return new Measured(records, (System.nanoTime() - start) / 1e9, new double[0]);
        }

        private Measured runOnce(long records) throws Exception {
            List<String> arguments = new ArrayList<>(List.of(
                    "--bootstrap-server", plan.get("bootstrap"), "--topic", plan.get("topic"), "--num-records", String.valueOf(records),
                    "--throughput", "-1", "--payload-file", plan.get("valuesFile"), "--command-property"));
            for (Map.Entry<Object, Object> property : settings().entrySet()) {
                if (!property.getKey().toString().endsWith("serializer")) arguments.add(property.getKey() + "=" + property.getValue());
            }
            PrintStream out = System.out;
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            System.setOut(new PrintStream(printed, true));
            try {
                ProducerPerformance.main(arguments.toArray(String[]::new));
            } finally {
                System.setOut(out);
            }
            Matcher summary = SUMMARY.matcher(printed.toString());
            String last = null;
            double perSecond = 0;
            while (summary.find()) {
                last = summary.group(1);
                perSecond = Double.parseDouble(summary.group(2));
            }
            if (last == null || Long.parseLong(last) != records) throw new IllegalStateException("the tool printed " + printed);
            return new Measured(records, records / perSecond, new double[0]);
        }
    }

    /** A callback for every record, and so many outstanding: the next record waits for a free place. */
    private Measured keepSending(KafkaProducer<byte[], byte[]> producer, long nanos) throws Exception {
        int outstanding = (int) number("outstanding");
        Semaphore places = new Semaphore(outstanding);
        AtomicReference<Exception> failure = new AtomicReference<>();
        Samples samples = new Samples();
        long start = System.nanoTime();
        long now = start;
        long records = 0;
        while (now - start < nanos) {
            places.acquire();
            boolean isSample = records % SAMPLE_EVERY == 0;
            if (isSample) now = System.nanoTime();
            long from = now;
            producer.send(record(records++), (metadata, error) -> {
                if (error != null) failure.set(error);
                if (isSample) samples.add(System.nanoTime() - from);
                places.release();
            });
        }
        places.acquire(outstanding);
        if (failure.get() != null) throw failure.get();
        return new Measured(records, (System.nanoTime() - start) / 1e9, samples.inMs());
    }

    /** So many records a second, a few every millisecond; a record's latency begins when it was due. */
    private Measured keepPace(KafkaProducer<byte[], byte[]> producer, long nanos) throws Exception {
        long perTick = number("perSecond") * TICK_NANOS / 1_000_000_000;
        long ticks = nanos / TICK_NANOS;
        AtomicReference<Exception> failure = new AtomicReference<>();
        Semaphore acknowledged = new Semaphore(0);
        Samples samples = new Samples();
        long start = System.nanoTime();
        long records = 0;
        for (long tick = 1; tick <= ticks; tick++) {
            long due = start + tick * TICK_NANOS;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) LockSupport.parkNanos(left);
            for (long each = 0; each < perTick; each++) {
                producer.send(record(records++), (metadata, error) -> {
                    if (error != null) failure.set(error);
                    samples.add(System.nanoTime() - due);
                    acknowledged.release();
                });
            }
        }
        acknowledged.acquire((int) records);
        if (failure.get() != null) throw failure.get();
        return new Measured(records, (System.nanoTime() - start) / 1e9, samples.inMs());
    }

    /** Added to by one thread, the producer's, and read when it is done. */
    private static final class Samples {
        private long[] nanos = new long[1 << 16];
        private int count;

        synchronized void add(long latency) {
            if (count == nanos.length) nanos = Arrays.copyOf(nanos, count * 2);
            nanos[count++] = latency;
        }

        synchronized double[] inMs() {
            return Arrays.stream(nanos, 0, count).mapToDouble((latency) -> latency / 1e6).toArray();
        }
    }

    private ProducerRecord<byte[], byte[]> record(long index) {
        return new ProducerRecord<>(plan.get("topic"), values[(int) (index % values.length)]);
    }

    private KafkaProducer<byte[], byte[]> connect() {
        return new KafkaProducer<>(settings(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Properties settings() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", plan.get("bootstrap"));
        settings.put("client.id", "bench");
        settings.put("acks", "all");
        settings.put("compression.type", plan.get("codec"));
        settings.put("linger.ms", plan.get("style").equals("bulk") ? "5" : "0");
        settings.put("batch.size", System.getProperty("batchSize", "1000000"));
        return settings;
    }

    private long number(String name) {
        return Long.parseLong(plan.get(name));
    }
}
