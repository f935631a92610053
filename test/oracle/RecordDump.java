package oracle;

import static oracle.Bytes.NODES;
import static oracle.Bytes.hex;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** What Java makes of the bytes of a records field: batches, records, and the errors on the way, as JSON. */
final class RecordDump {
    private RecordDump() {}

    static ObjectNode of(byte[] bytes) {
        ObjectNode out = NODES.objectNode();
        out.put("sizeInBytes", bytes.length);
        ArrayNode batches = out.putArray("batches");
        long consumed = 0;
        try {
            for (MutableRecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches()) {
                batches.add(batch(batch));
                consumed += batch.sizeInBytes();
            }
        } catch (RuntimeException e) {
            out.put("error", describe(e));
        }
        return out.put("consumedBytes", consumed).put("trailingBytes", bytes.length - consumed);
    }

    static String describe(Throwable e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static ObjectNode batch(RecordBatch batch) {
        ObjectNode out = NODES.objectNode();
        out.put("magic", batch.magic()).put("sizeInBytes", batch.sizeInBytes());
        try {
            putHeader(out, batch);
            putRecords(out, batch);
        } catch (RuntimeException e) {
            out.put("error", describe(e));
        }
        return out;
    }

    private static void putHeader(ObjectNode out, RecordBatch batch) {
        out.put("baseOffset", "" + batch.baseOffset()).put("lastOffset", "" + batch.lastOffset())
            .put("nextOffset", "" + batch.nextOffset());
        out.put("compression", batch.compressionType().name).put("timestampType", batch.timestampType().name);
        if (batch instanceof DefaultRecordBatch current) {
            out.put("baseTimestamp", "" + current.baseTimestamp()).put("crc", current.checksum());
            out.put("partitionLeaderEpoch", batch.partitionLeaderEpoch());
            out.put("producerId", "" + batch.producerId()).put("producerEpoch", batch.producerEpoch());
            out.put("baseSequence", batch.baseSequence()).put("lastSequence", batch.lastSequence())
                .put("recordCount", batch.countOrNull());
            out.put("transactional", batch.isTransactional()).put("control", batch.isControlBatch());
            if (batch.deleteHorizonMs().isPresent()) out.put("deleteHorizonMs", "" + batch.deleteHorizonMs().getAsLong());
        } else {
            out.put("crc", batch.checksum());
        }
        out.put("maxTimestamp", "" + batch.maxTimestamp());
        try {
            batch.ensureValid();
            out.put("valid", true);
        } catch (RuntimeException e) {
            out.put("valid", false).put("invalid", describe(e));
        }
    }

    private static void putRecords(ObjectNode out, RecordBatch batch) {
        ArrayNode records = out.putArray("records");
        for (Record record : batch) {
            ObjectNode json = records.addObject();
            json.put("offset", "" + record.offset()).put("timestamp", "" + record.timestamp());
            if (batch.magic() >= 2) json.put("sequence", record.sequence());
            json.set("key", record.hasKey() ? NODES.textNode(hex(record.key())) : NODES.nullNode());
            json.set("value", record.hasValue() ? NODES.textNode(hex(record.value())) : NODES.nullNode());
            if (batch.magic() >= 2) {
                ArrayNode headers = json.putArray("headers");
                for (Header header : record.headers())
                    headers.addArray().add(header.key()).add(header.value() == null ? null : hex(header.value()));
            }
            if (batch.isControlBatch()) json.set("control", control(record));
        }
    }

    private static ObjectNode control(Record record) {
        ObjectNode out = NODES.objectNode();
        ByteBuffer key = record.key().duplicate();
        out.put("keyVersion", key.getShort(key.position()));
        ControlRecordType type = ControlRecordType.parse(record.key());
        out.put("type", type.name()).put("typeId", ControlRecordType.parseTypeId(record.key()));
        if (type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT)
            out.put("coordinatorEpoch", EndTransactionMarker.deserialize(record).coordinatorEpoch());
        return out;
    }
}
