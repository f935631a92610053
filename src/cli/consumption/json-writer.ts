import { isUtf8 } from "node:buffer";
import { harmlessJson } from "../harmless-text.ts";
import type { ReadRecord, RecordWriter } from "./record-writer.ts";

/** A line of JSON for each record, with all there is to know of it. Bytes that are no text are `{ "base64" }`. */
export class JsonWriter implements RecordWriter {
  write(record: ReadRecord): string {
    const { topic, partition, offset, timestamp, timestampType, leaderEpoch, key, value, headers } = record;
    const line = harmlessJson({
      topic,
      partition,
      offset,
      timestamp,
      timestampType,
      leaderEpoch,
      key: jsonOf(key),
      value: jsonOf(value),
      headers: headers.map(([name, bytes]) => [name, jsonOf(bytes)]),
    });
    return `${line}\n`;
  }
}

function jsonOf(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null;
  return isUtf8(bytes) ? Buffer.from(bytes).toString() : { base64: Buffer.from(bytes).toString("base64") };
}
