import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A member of a group: as cases/groups/worker.mjs, by Java's consumer. */
public final class GroupMember {
    private static final Duration LONG = Duration.ofSeconds(1);

    private GroupMember() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> plan = ProcessFigures.planFromArguments(arguments);
        // Not buffered: who is killed has said what he did.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false);
        CountDownLatch closed = new CountDownLatch(1);
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings(plan), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                closed.await();
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
            }
        }));
        try {
            consumer.subscribe(List.of(plan.get("topic")), new Listener(consumer, out));
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(LONG))
                    say(out, record.partition() + " " + record.offset() + " " + System.currentTimeMillis());
            }
        } catch (WakeupException stopped) {
            // SIGTERM.
        } finally {
            consumer.close();
            closed.countDown();
        }
    }

    private static Properties settings(Map<String, String> plan) {
        boolean isClassic = plan.get("protocol").equals("classic");
        Properties settings = new Properties();
        settings.put("bootstrap.servers", plan.get("bootstrap"));
        settings.put("client.id", plan.get("clientId"));
        settings.put("group.id", plan.get("group"));
        settings.put("group.protocol", plan.get("protocol"));
        settings.put("auto.offset.reset", "earliest");
        if (isClassic) settings.put("session.timeout.ms", plan.get("sessionTimeoutMs"));
        if (isClassic) settings.put("heartbeat.interval.ms", plan.get("heartbeatIntervalMs"));
        if (plan.get("assignor").equals("cooperative-sticky"))
            settings.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        if (!plan.get("instanceId").isEmpty()) settings.put("group.instance.id", plan.get("instanceId"));
        return settings;
    }

    private static void say(PrintStream out, String line) {
        byte[] bytes = (line + "\n").getBytes();
        out.write(bytes, 0, bytes.length);
    }

    private record Listener(KafkaConsumer<byte[], byte[]> consumer, PrintStream out) implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            say(out, "assigned " + consumer.groupMetadata().generationId());
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
    }
}
