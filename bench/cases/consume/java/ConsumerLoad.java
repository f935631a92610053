import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * One run of one case by Java's consumer: as cases/consume/reading.mjs and worker.mjs, in Java. Polls in a loop with the settings of Kafka's
 * own kafka-consumer-perf-test, which checks no CRC. That tool looks at no value, needs a group and measures once while it is still cold.
 */
public final class ConsumerLoad {
    private static final int EARLY_BYTE = 8;
    private static final int LATE_BYTE = 2;
    /** The tool has 500, as is the default: slower. */
    private static final String MOST_RECORDS = "5000";
    private static final Duration LONG = Duration.ofSeconds(1);

    private final Map<String, String> plan;
    private final Clock clock;

    private ConsumerLoad(String[] arguments) {
        plan = ProcessFigures.planFromArguments(arguments);
        clock = new Clock(number("warmUpMs") * 1_000_000, number("measureMs") * 1_000_000);
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println(new ConsumerLoad(arguments).run());
    }

    private String run() throws Exception {
        List<String> passes = new ArrayList<>();
        double[] latencies = new double[0];
        while (!clock.isOver) {
            Pass pass = new Pass();
            read(pass);
            if (pass.problem != null) throw new IllegalStateException(pass.problem);
            String counts = LongStream.of(pass.nextOffsets).mapToObj(String::valueOf).collect(Collectors.joining(","));
            passes.add("{\"counts\":[" + counts + "],\"sum\":" + pass.sum + "}");
            latencies = Arrays.copyOf(pass.latencies, pass.latencyCount);
        }
        Arrays.sort(latencies);
        String percentiles = latencies.length == 0 ? "" : String.format(
                Locale.ROOT, ",\"p50Ms\":%f,\"p99Ms\":%f", ProcessFigures.percentile(latencies, 0.5),
                ProcessFigures.percentile(latencies, 0.99));
        return String.format(
                Locale.ROOT,
                "{\"runtime\":\"%s\",\"coldMs\":%f,\"records\":%d,\"seconds\":%f,\"cpuSeconds\":%f,\"peakRssMb\":%f%s,\"passes\":[%s]}",
                ProcessFigures.runtime(), clock.coldMs, clock.records, clock.nanos / 1e9, clock.cpuSeconds, ProcessFigures.peakRssMb(),
                percentiles, String.join(",", passes));
    }

    private void read(Pass pass) {
        try (KafkaConsumer<byte[], byte[]> consumer = connect()) {
            String topic = plan.get("topic");
            List<TopicPartition> partitions =
                    IntStream.range(0, pass.nextOffsets.length).mapToObj((partition) -> new TopicPartition(topic, partition)).toList();
            consumer.assign(partitions);
            boolean isOver = false;
            while (!isOver) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(LONG);
                for (ConsumerRecord<byte[], byte[]> record : records) pass.take(record.partition(), record.offset(), record.value());
                if (!records.isEmpty()) isOver = pass.look();
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> connect() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", plan.get("bootstrap"));
        settings.put("client.id", "bench");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        settings.put("receive.buffer.bytes", String.valueOf(2 * 1024 * 1024));
        settings.put("max.partition.fetch.bytes", String.valueOf(1024 * 1024));
        settings.put("max.poll.records", MOST_RECORDS);
        settings.put("check.crcs", "false");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private long number(String name) {
        return Long.parseLong(plan.get(name));
    }

    /** When the process began to read, how long it warms up and measures; and what it measured. */
    private static final class Clock {
        private final long warmUpNanos;
        private final long measureNanos;
        private final long startedAt = System.nanoTime();
        private double coldMs = -1;
        private long warmFrom;
        private boolean isWarm;
        private boolean isOver;
        private long records;
        private long nanos;
        private double cpuSeconds;
        private boolean isRunning;
        private long since;
        private long sinceCount;
        private double sinceCpu;

        private Clock(long warmUpNanos, long measureNanos) {
            this.warmUpNanos = warmUpNanos;
            this.measureNanos = measureNanos;
        }

        /** Something was delivered and looked at, `count` since the pass began; was it the last of the pass? */
        private void delivered(long count, boolean isLast) {
            long now = System.nanoTime();
            if (coldMs < 0) {
                coldMs = (now - startedAt) / 1e6;
                warmFrom = now;
            }
            if (isRunning) {
                long elapsed = now - since;
                isOver = nanos + elapsed >= measureNanos;
                if (!isOver && !isLast) return;
                isRunning = false;
                cpuSeconds += ProcessFigures.cpuSeconds() - sinceCpu;
                nanos += elapsed;
                records += count - sinceCount;
                return;
            }
            isWarm = isWarm || now - warmFrom >= warmUpNanos;
            if (!isWarm || isLast || isOver) return;
            isRunning = true;
            sinceCount = count;
            sinceCpu = ProcessFigures.cpuSeconds();
            since = System.nanoTime();
        }
    }

    private final class Pass {
        private final boolean isLatency = plan.get("style").equals("latency");
        private final long expected = isLatency ? Long.MAX_VALUE : number("records");
        private final long[] nextOffsets = new long[(int) number("partitions")];
        private long count;
        private long sum;
        private double[] latencies = new double[1 << 10];
        private int latencyCount;
        private String problem;

        private void take(int partition, long offset, byte[] value) {
            if (offset != nextOffsets[partition]) outOfOrder(partition, offset);
            nextOffsets[partition] = offset + 1;
            sum += value.length + (value[EARLY_BYTE] & 0xff) + (value[value.length - LATE_BYTE] & 0xff);
            count++;
            if (isLatency && clock.isWarm) add(value);
        }

        private void outOfOrder(int partition, long offset) {
            problem = "partition " + partition + ": offset " + offset + " where " + nextOffsets[partition] + " is next";
        }

        private void add(byte[] value) {
            long sentAt = 0;
            for (int index = 0; index < Long.BYTES; index++) sentAt = sentAt << 8 | (value[index] & 0xff);
            Instant now = Instant.now();
            if (latencyCount == latencies.length) latencies = Arrays.copyOf(latencies, latencyCount * 2);
            latencies[latencyCount++] = now.getEpochSecond() * 1e3 + now.getNano() / 1e6 - sentAt / 1e3;
        }

        /** To be asked when what was delivered together is taken: whether the pass is over. */
        private boolean look() {
            boolean isLast = count >= expected;
            clock.delivered(count, isLast);
            return isLast || clock.isOver || problem != null;
        }
    }
}
