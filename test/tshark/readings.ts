// How tshark words a value, and what of ours that must be.

import type { Annotation } from "../../src/protocol/index.ts";
import type { PdmlField } from "./pdml.ts";

/** A frame of ours with what we say of it. */
export interface Explained {
  readonly bytes: Uint8Array;
  readonly nodes: readonly Annotation[];
}

/** The value of a leaf; strings and byte fields are groups of a length and of what it counts. */
export function valueOfNode(node: Annotation): unknown {
  const [length, content] = node.children ?? [];
  if (length === undefined) return node.value;
  if (length.note?.endsWith("null") === true && content === undefined && isNullLength(length.value, length.type)) return null;
  if (content !== undefined) return content.value;
  return node.type.includes("string") ? "" : new Uint8Array(0);
}

/** A compact length is written as one more. */
function isNullLength(length: unknown, type: string): boolean {
  return length === (type === "uvarint" ? 0 : -1);
}

/** Whether tshark reads out of these bytes what we do. */
export function isSameValue(field: PdmlField, node: Annotation, frame: Explained): boolean {
  const reading = readings.get(field.name) ?? readings.get(`${field.name} ${node.name}`);
  if (reading !== undefined) return reading(field, node, frame);
  const value = valueOfNode(node);
  if (value === null) return field.show === "" || field.show === "[ Null ]";
  if (typeof value === "boolean") return field.show === (value ? "1" : "0");
  // tshark keeps text as C does: it ends at a NUL.
  if (typeof value === "string") return field.show === value.split("\0")[0];
  if (value instanceof Uint8Array) return isSameHex(field.show, value);
  return isSameNumber(field, value);
}

type Reading = (field: PdmlField, node: Annotation, frame: Explained) => boolean;

/** Some signed fields are shown without their sign, some in hexadecimal. */
function isSameNumber({ show, start, end }: PdmlField, value: unknown): boolean {
  if (!/^-?\d+$|^0x[\da-f]+$/i.test(show) || (typeof value !== "number" && typeof value !== "bigint")) return false;
  const bits = 8 * (end - start);
  return BigInt.asIntN(bits, BigInt(show)) === BigInt.asIntN(bits, BigInt(value));
}

function isSameHex(show: string, bytes: Uint8Array): boolean {
  return show.replaceAll(":", "") === Buffer.from(bytes).toString("hex");
}

/** The widest range that a Date can hold, in milliseconds. */
const DATE_LIMIT = 8_640_000_000_000_000n;

/** `Nov 14, 2023 22:13:20.001000000 UTC`. */
function isSameTime(show: string, milliseconds: bigint): boolean {
  const [, day = "", fraction = ""] = /^(.*)\.(\d{3})000000 UTC$/.exec(show) ?? [];
  // Beyond what a Date holds only the fraction can be compared.
  if (milliseconds > DATE_LIMIT) return BigInt(fraction) === milliseconds % 1000n;
  return BigInt(Date.parse(`${day} UTC`)) + BigInt(fraction) === milliseconds;
}

const time: Reading = (field, node) => isSameTime(field.show, bigintOf(node));

/** The two times of a batch: tshark takes the upper half for seconds and the lower one for nanoseconds. */
const halvedTime: Reading = ({ show }, node) => {
  const [, day = "", nanoseconds = ""] = /^(.*)\.(-?\d+) UTC$/.exec(show) ?? [];
  const seconds = BigInt(Date.parse(`${day} UTC`) / 1000);
  return ((seconds << 32n) | BigInt.asUintN(32, BigInt(nanoseconds))) === bigintOf(node);
};

/** Bits of the batch's attributes. */
function bits(mask: number, shift: number): Reading {
  return ({ show }, node) => Number(show) === (Number(node.value) & mask) >> shift;
}

/** tshark adds the batch's base to what a record counts from it. */
function baseOf(field: "baseOffset" | "baseTimestamp", node: Annotation, { nodes }: Explained): bigint {
  const batch = node.path.replace(/\.records\[\d+\]\.\w+$/, "");
  const base = nodes.find(({ path }) => path === `${batch}.${field}`);
  if (base === undefined) throw new Error(`${batch} has no ${field}`);
  return bigintOf(base);
}

const readings: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ["kafka.commit_timestamp", time],
  ["kafka.token_issue_timestamp", time],
  ["kafka.token_expiry_timestamp", time],
  ["kafka.token_max_timestamp", time],
  ["kafka.batch_first_timestamp", halvedTime],
  ["kafka.batch_last_timestamp", halvedTime],
  ["kafka.batch_codec", bits(0x07, 0)],
  ["kafka.batch_timestamp_type", bits(0x08, 3)],
  ["kafka.batch_transactional", bits(0x10, 4)],
  ["kafka.batch_control_batch", bits(0x20, 5)],
  ["kafka.offset offsetDelta", ({ show }, node, frame) => BigInt(show) === baseOf("baseOffset", node, frame) + bigintOf(node)],
  [
    "kafka.message_timestamp timestampDelta",
    ({ show }, node, frame) => isSameTime(show, baseOf("baseTimestamp", node, frame) + bigintOf(node)),
  ],
  // tshark does not look into tagged fields, also not into those that Kafka has a name for.
  ["kafka.tagged_field_data", ({ show }, node, { bytes }) => isSameHex(show, bytes.subarray(node.start, node.end))],
]);

function bigintOf({ value, path }: Annotation): bigint {
  if (typeof value !== "number" && typeof value !== "bigint") throw new Error(`${path} is not a number`);
  return BigInt(value);
}
