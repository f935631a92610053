package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Follows a plan for producers, see ../theirs/plan.ts, that is on the standard input. Option: topic. */
final class PlannedWriter {
    private final Cluster cluster;
    private final String topic;
    private final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();

    private PlannedWriter(Cluster cluster, String topic) {
        this.cluster = cluster;
        this.topic = topic;
    }

    /** Offset and timestamp of every record, as its producer was told. */
    static Object run(Cluster cluster, String[] options) throws Exception {
        PlannedWriter writer = new PlannedWriter(cluster, options[0]);
        List<List<Long>> told = new ArrayList<>();
        for (JsonNode step : new ObjectMapper().readTree(System.in)) {
            KafkaProducer<byte[], byte[]> producer = writer.producers.get(step.get("by").asText());
            switch (step.get("do").asText()) {
                case "open" -> writer.open(step);
                case "begin" -> producer.beginTransaction();
                case "send" -> told.addAll(writer.send(producer, step.get("records")));
                case "commit" -> producer.commitTransaction();
                case "abort" -> producer.abortTransaction();
                case "close" -> producer.close();
                default -> throw new IllegalArgumentException(step.toString());
            }
        }
        return told;
    }

    private void open(JsonNode step) {
        Map<String, Object> settings = cluster.settings("compression.type", step.get("codec").asText(), "enable.idempotence", "true",
            "batch.size", step.get("batchBytes").asText(), "linger.ms", "5");
        String id = step.get("transactionalId").textValue();
        if (id != null) settings.put("transactional.id", id);
        var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        if (id != null) producer.initTransactions();
        producers.put(step.get("by").asText(), producer);
    }

    private List<List<Long>> send(KafkaProducer<byte[], byte[]> producer, JsonNode records) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (JsonNode record : records) sent.add(producer.send(recordOf(record)));
        producer.flush();
        List<List<Long>> told = new ArrayList<>();
        for (Future<RecordMetadata> it : sent) told.add(List.of(it.get().offset(), it.get().timestamp()));
        return told;
    }

    private ProducerRecord<byte[], byte[]> recordOf(JsonNode record) {
        List<Header> headers = new ArrayList<>();
        for (JsonNode header : record.get("headers")) headers.add(new RecordHeader(header.get(0).asText(), bytes(header.get(1))));
        String time = record.get("timestamp").textValue();
        Long timestamp = time == null ? null : Long.valueOf(time);
        int partition = record.get("partition").asInt();
        return new ProducerRecord<>(topic, partition, timestamp, bytes(record.get("key")), bytes(record.get("value")), headers);
    }

    private static byte[] bytes(JsonNode hex) {
        return hex.isNull() ? null : HexFormat.of().parseHex(hex.textValue());
    }
}
