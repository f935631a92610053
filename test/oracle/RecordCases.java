package oracle;

import static oracle.Bytes.JSON;
import static oracle.Bytes.NODES;
import static oracle.Bytes.hex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;

/** Writes the lines of records.jsonl and records-invalid.jsonl. */
final class RecordCases {
    private final PrintWriter out;
    private int count = 0;
    private int refused = 0;

    RecordCases(PrintWriter out) {
        this.out = out;
    }

    /**
     * One case.
     *
     * @param exact an encoder that is given the same input must give the same bytes (never so for compressed batches)
     * @param bytes may throw: that Java's builder refuses the input is part of the fixture
     */
    void add(String name, String note, boolean exact, Callable<byte[]> bytes) throws IOException {
        ObjectNode line = NODES.objectNode();
        line.put("name", name);
        if (note != null) line.put("note", note);
        try {
            byte[] batch = bytes.call();
            ObjectNode json = RecordDump.of(batch);
            line.put("byteExact", exact).put("hex", hex(batch));
            line.set("json", json);
            JsonNode batchError = json.get("batches").findValue("error");
            if (json.has("error") || batchError != null) line.put("hasError", true);
        } catch (Exception | LinkageError e) {
            line.put("builderError", RecordDump.describe(e));
            refused++;
        }
        out.println(JSON.writeValueAsString(line));
        count++;
    }

    void report(String file) {
        Report.line("%s: %d (builder refusals %d)", file, count, refused);
    }
}
