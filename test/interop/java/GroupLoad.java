package interop;

import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes while a group works: a third while its members come, a third while one goes, the rest when that is done. */
final class GroupLoad extends Thread {
    static final int RECORDS = 60_000;
    private static final int STAGE = RECORDS / 3;
    /** Who is to go waits until so many records have been read: then the second third is on its way. */
    static final int EARLY = STAGE + STAGE / 10;

    private final Cluster cluster;
    private final String topic;
    private final int partitions;
    private final Semaphore stages = new Semaphore(STAGE);

    GroupLoad(Cluster cluster, String topic, int partitions) {
        this.cluster = cluster;
        this.topic = topic;
        this.partitions = partitions;
        setDaemon(true);
        start();
    }

    /** The members have their partitions: now the next third. */
    void releaseNext() {
        stages.release(STAGE);
    }

    @Override
    public void run() {
        try (Producer<String, String> producer = cluster.producer("linger.ms", "1")) {
            for (int i = 0; i < RECORDS; i++) {
                stages.acquire();
                producer.send(new ProducerRecord<>(topic, i % partitions, null, "value-" + i));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
