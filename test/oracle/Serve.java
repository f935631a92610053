package oracle;

import static oracle.Bytes.JSON;
import static oracle.Bytes.NODES;
import static oracle.Bytes.concat;
import static oracle.Bytes.hex;
import static oracle.Bytes.unhex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.Utils;

/**
 * Answers questions about bytes, one JSON a line in and one out, in order. It ends with its input, so it cannot outlive the
 * process that asks. {@code test/support/oracle-server.ts} states the questions and answers as types.
 */
final class Serve {
    private Serve() {}

    static void run() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
        PrintStream out =
            new PrintStream(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16), false, StandardCharsets.UTF_8);
        String line;
        while ((line = in.readLine()) != null) {
            if (line.isBlank()) continue;
            out.print(JSON.writeValueAsString(answerLine(line)));
            out.print('\n');
            if (!in.ready()) out.flush(); // many questions at once get their answers in few writes
        }
        out.flush();
    }

    private static ObjectNode answerLine(String line) {
        ObjectNode answer = NODES.objectNode();
        try {
            JsonNode query = JSON.readTree(line);
            if (query.has("id")) answer.set("id", query.get("id"));
            answer(query, answer);
            answer.put("ok", true);
        } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
            // Hostile bytes may bring Java to any of these, and that is an answer too.
            answer.put("ok", false).put("error", RecordDump.describe(e));
        }
        return answer;
    }

    private static void answer(JsonNode query, ObjectNode answer) throws IOException {
        String op = query.path("op").asText("decode");
        switch (op) {
            case "ping" -> answer.put("kafka", kafkaVersion());
            case "records" -> answer.setAll(RecordDump.of(unhex(query.get("hex").asText())));
            case "partition" -> {
                byte[] key = unhex(query.get("hex").asText());
                answer.put("partition", BuiltInPartitioner.partitionForKey(key, query.get("partitions").asInt()))
                    .put("murmur2", Utils.murmur2(key));
            }
            case "client-assignors" -> ClientAssignorFixtures.play(query.get("seed").asInt(), answer.putArray("groups")::add);
            case "validate" -> validate(query, answer);
            case "decode" -> decode(query, answer);
            case "encode" -> encode(query, answer);
            default -> throw new IllegalArgumentException("unknown op " + op);
        }
    }

    private static String kafkaVersion() throws IOException {
        try (InputStream in = Serve.class.getClassLoader().getResourceAsStream("kafka/kafka-version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version") + " " + properties.getProperty("commitId");
        }
    }

    /** Which message a question is about. The header schema is null for data messages and where the question excludes it. */
    private record Subject(Schema schema, short version, Schema header, short headerVersion) {
        static Subject of(JsonNode query, ByteBuffer bytes, ObjectNode answer) {
            String kind = query.path("kind").asText("");
            boolean request = kind.equals("request");
            short version = (short) query.path("version").asInt(-1);
            if (!request && !kind.equals("response")) {
                Schema schema = Schema.named(query.get("name").asText());
                answer.put("message", schema.name).put("version", version);
                return new Subject(schema, version, null, (short) -1);
            }
            boolean withHeader = query.path("header").asBoolean(true);
            int key = query.path("apiKey").asInt(-1);
            if (request && withHeader && bytes != null && key < 0) {
                key = bytes.getShort(0);
                version = bytes.getShort(2);
            }
            ApiKeys api = ApiKeys.forId(key);
            if (version < api.oldestVersion() || version > api.latestVersion(true)) {
                String range = api.oldestVersion() + "-" + api.latestVersion(true);
                throw new IllegalArgumentException("unsupported version " + version + " of " + api.name + " (" + range + ")");
            }
            Schema schema = request ? Schema.request(api) : Schema.response(api);
            short headerVersion = request ? api.requestHeaderVersion(version) : api.responseHeaderVersion(version);
            answer.put("apiKey", api.id).put("name", api.name).put("headerVersion", headerVersion);
            answer.put("message", schema.name).put("version", version);
            return new Subject(schema, version, withHeader ? Schema.named(request ? "RequestHeader" : "ResponseHeader") : null,
                headerVersion);
        }
    }

    private static void encode(JsonNode query, ObjectNode answer) {
        Subject subject = Subject.of(query, null, answer);
        boolean withHeader = subject.header != null && query.has("headerJson");
        byte[] header = withHeader ? Canonical.encode(subject.header, query.get("headerJson"), subject.headerVersion) : new byte[0];
        byte[] body = Canonical.encode(subject.schema, query.get("json"), subject.version);
        answer.put("bodyOffset", header.length).put("hex", hex(concat(header, body)));
    }

    private static void decode(JsonNode query, ObjectNode answer) {
        ByteBuffer buffer = ByteBuffer.wrap(unhex(query.get("hex").asText()));
        Subject subject = Subject.of(query, buffer, answer);
        byte[] header = new byte[0];
        if (subject.header != null) {
            Message message = Messages.decode(subject.header, buffer, subject.headerVersion);
            answer.set("header", Canonical.dump(message, subject.header.fields, subject.headerVersion));
            header = Messages.encode(message, subject.headerVersion);
        }
        answer.put("bodyOffset", buffer.position());
        Message message = Messages.decode(subject.schema, buffer, subject.version);
        answer.set("json", Canonical.dump(message, subject.schema.fields, subject.version));
        answer.put("remaining", buffer.remaining());
        try {
            byte[] again = concat(header, Messages.encode(message, subject.version));
            boolean canonical = Arrays.equals(again, Arrays.copyOf(buffer.array(), buffer.position()));
            answer.put("canonical", canonical);
            if (!canonical) answer.put("canonicalHex", hex(again));
        } catch (RuntimeException e) {
            answer.put("canonical", false).put("reencodeError", RecordDump.describe(e));
        }
    }

    /** What a broker (of a request) or a client (of a response) checks beyond the schema. */
    private static void validate(JsonNode query, ObjectNode answer) {
        ByteBuffer buffer = ByteBuffer.wrap(unhex(query.get("hex").asText()));
        if (query.path("kind").asText("").equals("request")) {
            RequestHeader header = RequestHeader.parse(buffer);
            AbstractRequest request =
                AbstractRequest.parseRequest(header.apiKey(), header.apiVersion(), new ByteBufferAccessor(buffer)).request;
            if (request.data() instanceof ProduceRequestData produce) validateRecords(produce, header.apiVersion());
            if (request instanceof ApiVersionsRequest apiVersions && !apiVersions.isValid())
                throw new IllegalArgumentException("ApiVersionsRequest.isValid() is false: client software name/version");
            answer.put("header", header.toString()).put("text", request.toString(true));
        } else {
            ApiKeys api = ApiKeys.forId(query.get("apiKey").asInt());
            RequestHeader asked = new RequestHeader(api, (short) query.get("version").asInt(), "x", buffer.getInt(0));
            answer.put("text", AbstractResponse.parseResponse(buffer, asked).toString());
        }
        answer.put("remaining", buffer.remaining());
    }

    /** As the broker does when it handles the request, not when it parses it. */
    private static void validateRecords(ProduceRequestData produce, short version) {
        for (var topic : produce.topicData()) {
            for (var partition : topic.partitionData()) {
                ProduceRequest.validateRecords(version, partition.records());
                for (RecordBatch batch : ((MemoryRecords) partition.records()).batches()) batch.ensureValid();
            }
        }
    }
}
