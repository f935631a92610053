package oracle;

import static oracle.Bytes.JSON;
import static oracle.Bytes.NODES;
import static oracle.Bytes.hex;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import oracle.ValueGenerator.Variant;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * data.jsonl: messages that travel without a request header, mostly inside a bytes field and behind an int16 version, and the
 * two headers.
 */
final class DataFixtures {
    private static final String[] NAMES = {
        "ConsumerProtocolSubscription", "ConsumerProtocolAssignment", "ControlRecordTypeSchema", "EndTxnMarker", "AbortedTxn",
        "LeaderChangeMessage", "SnapshotHeaderRecord", "SnapshotFooterRecord", "KRaftVersionRecord", "VotersRecord",
        "DefaultPrincipalData", "RequestHeader", "ResponseHeader"
    };

    private DataFixtures() {}

    static void write(Path dir, Selection selection) throws IOException {
        int count = 0;
        try (PrintWriter out = Bytes.open(dir, "data.jsonl")) {
            for (String name : NAMES) {
                if (!Schema.exists(name)) {
                    Report.line("data: %s is not in this version of Kafka", name);
                    continue;
                }
                Schema schema = Schema.named(name);
                Message sample = Messages.create(schema);
                for (short version = sample.lowestSupportedVersion(); version <= sample.highestSupportedVersion(); version++) {
                    for (Variant variant : selection.variantsFor(schema.flexible.has(version), true)) {
                        String id = name + "/" + version + "/" + variant;
                        try {
                            out.println(JSON.writeValueAsString(line(schema, version, variant, id)));
                            count++;
                        } catch (RuntimeException e) {
                            Report.problem(id + ": " + e);
                        }
                    }
                }
            }
        }
        Report.line("data: %d", count);
    }

    private static ObjectNode line(Schema schema, short version, Variant variant, String id) {
        ObjectNode canonical;
        Message message;
        if (variant == Variant.DEFAULTS) {
            message = Messages.create(schema);
            canonical = Canonical.dump(message, schema.fields, version);
        } else {
            canonical = new ValueGenerator(variant, new Rng(id), version).message(schema);
            message = Canonical.toMessage(schema, canonical, version);
        }
        byte[] bytes = Messages.encode(message, version);
        ObjectNode dump = Canonical.dump(Messages.decode(schema, ByteBuffer.wrap(bytes), version), schema.fields, version);
        if (!dump.equals(canonical)) throw new IllegalStateException("dump differs want " + canonical + " got " + dump);

        ObjectNode line = NODES.objectNode();
        line.put("message", schema.name).put("kind", schema.type).put("version", version).put("variant", variant.name());
        line.put("flexible", schema.flexible.has(version)).put("hex", hex(bytes));
        if (schema.type.equals("data")) line.put("versionPrefixedHex", hex(MessageUtil.toVersionPrefixedBytes(version, message)));
        line.set("json", canonical);
        return line;
    }
}
