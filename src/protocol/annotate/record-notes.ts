import {
  CODEC_MASK,
  CONTROL_BIT,
  compressionNames,
  DELETE_HORIZON_BIT,
  LOG_APPEND_TIME_BIT,
  TRANSACTIONAL_BIT,
} from "../records/batch-attributes.ts";
import type { WalkedField } from "../records/walk-record-batch.ts";
import { noteFor } from "./notes.ts";

/** What a reader may want to know of a field of a batch or a record. */
export function noteForBatchField({ path, type, value }: WalkedField): string | undefined {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const isInRecord = path.includes("records[");
  if (name === "attributes") return isInRecord ? "unused" : noteForAttributes(Number(value));
  if (type === "varint" || type === "varlong") return noteForVarint(name, value);
  if (name === "baseTimestamp" || name === "maxTimestamp" || name === "timestamp") return noteFor(name, "timestamp", Number(value));
  if (value === -1 || value === -1n) return NOTES_FOR_NONE.get(name);
  return NOTES.get(name);
}

const NOTES: ReadonlyMap<string, string> = new Map([
  ["batchLength", "bytes after this field"],
  ["messageSize", "bytes after this field"],
  ["magic", "the format: 2 since Kafka 0.11"],
  ["partitionLeaderEpoch", "written by the broker; outside the checksum"],
  ["lastOffsetDelta", "the last offset, counted from the base offset; stays when compaction removes records"],
  ["partialBatch", "the broker cut the batch off; the next fetch brings it whole"],
]);

/** What -1 says. */
const NOTES_FOR_NONE: ReadonlyMap<string, string> = new Map([
  ["partitionLeaderEpoch", "written by the broker; outside the checksum"],
  ["producerId", "-1: not idempotent"],
  ["producerEpoch", "-1: not idempotent"],
  ["baseSequence", "-1: not idempotent"],
]);

function noteForAttributes(attributes: number): string {
  const codec = compressionNames[attributes & CODEC_MASK] ?? "an unknown codec";
  const flags = [
    codec === "none" ? "not compressed" : `compressed with ${codec}`,
    attributes & LOG_APPEND_TIME_BIT ? "log append time: all records have the batch's maximal timestamp" : "create time",
    attributes & TRANSACTIONAL_BIT ? "transactional" : "",
    attributes & CONTROL_BIT ? "control batch" : "",
    attributes & DELETE_HORIZON_BIT ? "the base timestamp is the delete horizon" : "",
  ];
  return flags.filter((flag) => flag !== "").join(", ");
}

/** Zigzag puts the sign into the lowest bit, so that small negative numbers stay small. */
function noteForVarint(name: string, value: WalkedField["value"]): string {
  if (/[lL]ength$/.test(name) && Number(value) < 0) return "null";
  const number = BigInt(typeof value === "bigint" ? value : Number(value));
  const zigzag = number >= 0n ? number * 2n : -number * 2n - 1n;
  return `zigzag: ${zigzag} on the wire`;
}
