package oracle;

import static oracle.Bytes.JSON;
import static oracle.Bytes.NODES;
import static oracle.Bytes.b64;
import static oracle.Bytes.concat;
import static oracle.Bytes.hex;
import static oracle.Bytes.utf8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import oracle.ValueGenerator.Variant;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Message;

/** messages.jsonl: requests and responses, with their headers. Touches no record class, so that it runs against 3.9 as well. */
final class MessageFixtures {
    private static final String[] CLIENT_IDS = {"ts-client", "", null, "cli\u00e9nt-\ud83d\ude00", "c".repeat(200)};

    private final Selection selection;
    private int messages = 0;
    private long bytes = 0;

    private MessageFixtures(Selection selection) {
        this.selection = selection;
    }

    static void write(Path dir, Selection selection) throws IOException {
        MessageFixtures fixtures = new MessageFixtures(selection);
        try (PrintWriter out = Bytes.open(dir, "messages.jsonl")) {
            for (ApiKeys api : ApiKeys.values()) {
                // An API without a version: its schema file remains, its class does not.
                if (api.oldestVersion() > api.latestVersion(true) || !selection.has(api)) continue;
                fixtures.writeMessages(out, api, true);
                fixtures.writeMessages(out, api, false);
            }
        }
        Report.line("messages: %d, %d bytes", fixtures.messages, fixtures.bytes);
    }

    private void writeMessages(PrintWriter out, ApiKeys api, boolean request) throws IOException {
        Message sample = request ? api.messageType.newRequest() : api.messageType.newResponse();
        Schema schema = Schema.named(sample.getClass().getSimpleName().replaceAll("Data$", ""));
        short low = sample.lowestSupportedVersion();
        short high = sample.highestSupportedVersion();
        for (short version = low; version <= high; version++) {
            if (!selection.has(api, version)) continue;
            boolean edge = version == low || version == high || version == schema.flexible.low();
            for (Variant variant : selection.variantsFor(schema.flexible.has(version), edge)) {
                String id = schema.name + "/" + version + "/" + variant;
                try {
                    ObjectNode line = line(api, schema, request, version, variant, id);
                    if (line == null) continue;
                    out.println(JSON.writeValueAsString(line));
                    messages++;
                    bytes += line.get("hex").asText().length() / 2;
                } catch (RuntimeException e) {
                    Report.problem(id + ": " + e);
                }
            }
        }
    }

    /** Null for a message that has no defaults: one that must be filled in before Java can serialise it. */
    private static ObjectNode line(ApiKeys api, Schema schema, boolean request, short version, Variant variant, String id) {
        ObjectNode canonical;
        byte[] body;
        if (variant == Variant.DEFAULTS) {
            Message message = Messages.create(schema);
            canonical = Canonical.dump(message, schema.fields, version);
            try {
                body = Messages.encode(message, version);
            } catch (RuntimeException e) {
                return null;
            }
        } else {
            canonical = new ValueGenerator(variant, new Rng(id), version).message(schema);
            body = Canonical.encode(schema, canonical, version);
        }
        short headerVersion = request ? api.requestHeaderVersion(version) : api.responseHeaderVersion(version);
        Schema headerSchema = Schema.named(request ? "RequestHeader" : "ResponseHeader");
        ObjectNode header = header(api, request, version, variant, id, headerVersion, headerSchema.flexible.has(headerVersion));
        byte[] headerBytes = Canonical.encode(headerSchema, header, headerVersion);
        check(schema, canonical, body, version);

        ObjectNode line = NODES.objectNode();
        line.put("apiKey", api.id).put("name", api.name).put("message", schema.name);
        line.put("kind", request ? "request" : "response").put("version", version).put("variant", variant.name());
        line.put("flexible", schema.flexible.has(version)).put("clientFacing", Selection.clientFacing(api));
        line.put("headerVersion", headerVersion).put("bodyOffset", headerBytes.length).put("hex", hex(concat(headerBytes, body)));
        line.set("header", header);
        line.set("json", canonical);
        return line;
    }

    private static ObjectNode header(
        ApiKeys api, boolean request, short version, Variant variant, String id, short headerVersion, boolean flexible) {
        ObjectNode header = NODES.objectNode();
        Rng rng = new Rng("header/" + id);
        int correlationId =
            switch (variant) {
                case MAX -> Integer.MAX_VALUE;
                case MIN -> Integer.MIN_VALUE;
                default -> rng.below(1 << 30);
            };
        if (request) header.put("requestApiKey", api.id).put("requestApiVersion", version);
        header.put("correlationId", correlationId);
        if (request && headerVersion >= 1)
            header.put("clientId", variant == Variant.NULLS ? null : CLIENT_IDS[rng.below(CLIENT_IDS.length)]);
        if (variant == Variant.UNKNOWN_TAGS && flexible)
            header.putArray("_tags").addObject().put("tag", 77).put("data", b64(utf8("hdr")));
        return header;
    }

    /** Java must read back what Java wrote, as we asked for it, and write it again as it was. */
    private static void check(Schema schema, ObjectNode canonical, byte[] body, short version) {
        ByteBuffer buffer = ByteBuffer.wrap(body);
        Message back = Messages.decode(schema, buffer, version);
        if (buffer.hasRemaining()) throw new IllegalStateException("left over " + buffer.remaining());
        ObjectNode dump = Canonical.dump(back, schema.fields, version);
        if (!dump.equals(canonical)) throw new IllegalStateException("dump differs\n  want " + canonical + "\n  got  " + dump);
        ConverterCheck.check(schema, back, dump, version);
        if (!Arrays.equals(Messages.encode(back, version), body)) throw new IllegalStateException("re-encode differs");
    }
}
