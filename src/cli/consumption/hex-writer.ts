import { harmless } from "../harmless-text.ts";
import type { ReadRecord, RecordWriter } from "./record-writer.ts";
import { timeText } from "./time-text.ts";

const BYTES_PER_LINE = 16;
const PRINTABLE = /[^\x20-\x7e]/g;

/** Every byte of every record. */
export class HexWriter implements RecordWriter {
  write(record: ReadRecord): string {
    const { topic, partition, offset, timestamp, key, value, headers } = record;
    const lines = [
      harmless(`${topic}-${partition}  offset ${offset}  ${timeText(timestamp)}`),
      ...partLines("key", key),
      ...partLines("value", value),
      ...headers.flatMap(([name, bytes]) => partLines(harmless(`header ${name}`), bytes)),
      "",
    ];
    return `${lines.join("\n")}\n`;
  }
}

function partLines(name: string, bytes: Uint8Array | null): readonly string[] {
  if (bytes === null) return [`  ${name}: null`];
  const lines = [`  ${name}: ${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"}`];
  for (let start = 0; start < bytes.length; start += BYTES_PER_LINE) {
    const row = Buffer.from(bytes.subarray(start, start + BYTES_PER_LINE));
    const hex = row
      .toString("hex")
      .replaceAll(/../g, "$& ")
      .padEnd(BYTES_PER_LINE * 3);
    lines.push(`    ${start.toString(16).padStart(6, "0")}  ${hex} ${row.toString("latin1").replace(PRINTABLE, "·")}`);
  }
  return lines;
}
