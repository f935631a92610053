import { annotate, decodeRequest, encodeRequest, RecordBatch } from "../../protocol/index.ts";
import { annotatedHex } from "../annotated-hex.ts";
import { type Command, OK, type Output } from "../command.ts";

/** Shows what works today: a request is encoded, explained byte by byte, and decoded. */
export const demo: Command = {
  name: "demo",
  summary: "encodes a Produce request, explains each of its bytes, and decodes it",
  help: "Usage: kafkawire demo\n\nEncodes a Produce request with two records, shows what each byte is, and decodes it again.",
  run(_parameters, output) {
    const records = RecordBatch.encode({
      records: [
        { key: "order-1", value: '{"item":"tea"}', timestamp: 1_700_000_000_000, headers: [["source", "demo"]] },
        { key: "order-2", value: null, timestamp: 1_700_000_000_250 },
      ],
    });
    const frame = encodeRequest(
      { api: "Produce", version: 9, correlationId: 1, clientId: "kafkawire-demo" },
      { acks: -1, timeoutMs: 30_000, topicData: [{ name: "orders", partitionData: [{ index: 0, records }] }] },
    );
    title(output, `1. Encoded: a Produce request, version 9, ${frame.length} bytes. Each of them:`);
    output.write(`${annotatedHex(frame, annotate(frame, { kind: "request" }), output)}\n`);
    title(output, "2. Decoded from these bytes:");
    output.write(`${JSON.stringify(decodeRequest(frame), forJson, 2)}\n`);
    title(output, "3. The records inside:");
    for (const { offset, timestamp, key, value, headers } of RecordBatch.decode(records)) {
      output.write(`${JSON.stringify({ offset, timestamp, key, value, headers }, forJson)}\n`);
    }
    return OK;
  },
};

function title(output: Output, text: string): void {
  output.write(output.isTerminal ? `\n\u001b[1m${text}\u001b[0m\n\n` : `\n${text}\n\n`);
}

function forJson(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return text(value);
  return typeof value === "bigint" ? String(value) : value;
}

/** Short text as text, everything else by its size. */
function text(bytes: Uint8Array): string {
  const decoded = new TextDecoder().decode(bytes);
  return /^[\x20-\x7e]{1,60}$/.test(decoded) ? decoded : `<${bytes.length} bytes>`;
}
