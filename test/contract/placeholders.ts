// What must differ between two brokers is replaced by placeholders, the same thing by the same one: so relations are still compared.

import { readBatches } from "../../src/protocol/index.ts";

/** What an id of Kafka's looks like: 16 bytes in base64url. */
const KAFKA_ID = /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/g;
/** The random part of a member id. */
const JAVA_UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Moments around the present; those of the scripts' records are of 1970. */
const MOMENT = /\b\d{13}\b/g;
const DAY_MS = 86_400_000;

/** What a broker gives out as it likes, or finds where it runs, by field. */
const GIVEN: ReadonlyMap<string, Given> = new Map([
  ["producerId", { kind: "producer", meaningful: [-1n] }],
  ["sessionId", { kind: "session", meaningful: [0] }],
  ["port", { kind: "port", meaningful: [-1] }],
  ["finalizedFeaturesEpoch", { kind: "epoch", meaningful: [-1n] }],
  ["logDir", { kind: "folder", meaningful: [""] }],
  ["totalBytes", { kind: "bytes", meaningful: [-1n], isFluctuating: true }],
  ["usableBytes", { kind: "bytes", meaningful: [-1n], isFluctuating: true }],
]);

interface Given {
  readonly kind: string;
  /** Values that every broker means the same by. */
  readonly meaningful: readonly unknown[];
  /** Another one may come each time, so that equal ones say nothing. */
  readonly isFluctuating?: boolean;
}

export class Placeholders {
  readonly #given = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #nowMs = Date.now();

  /** The same value with placeholders; record batches are taken apart, bytes are shown as hex. */
  in(value: unknown, field = ""): unknown {
    const given = GIVEN.get(field);
    if (given !== undefined && !given.meaningful.includes(value)) return this.#inPlaceOf(given, value);
    if (typeof value === "string") return this.#inText(value);
    if (typeof value === "number" || typeof value === "bigint") return this.#isPresent(Number(value)) ? "<now>" : value;
    if (value instanceof Uint8Array) return field === "records" ? this.in(batchesOf(value)) : hexOf(value);
    if (Array.isArray(value)) return value.map((element: unknown) => this.in(element, field));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.in(inner, name)]));
  }

  #inText(text: string): string {
    return text
      .replace(KAFKA_ID, (id) => (isRandom(id) ? this.#placeholder("id", id) : id))
      .replace(JAVA_UUID, (uuid) => this.#placeholder("uuid", uuid))
      .replace(MOMENT, (moment) => (this.#isPresent(Number(moment)) ? "<now>" : moment));
  }

  #inPlaceOf({ kind, isFluctuating = false }: Given, value: unknown): string {
    return isFluctuating ? `<${kind}>` : this.#placeholder(kind, String(value));
  }

  #isPresent(moment: number): boolean {
    return Math.abs(moment - this.#nowMs) < DAY_MS;
  }

  #placeholder(kind: string, value: string): string {
    const key = `${kind} ${value}`;
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.#given.set(key, `<${kind} ${count}>`);
    return `<${kind} ${count}>`;
  }
}

/** The scripts' names may be of the same length, but have not the marks of a random uuid (RFC 9562). */
function isRandom(id: string): boolean {
  const bytes = Buffer.from(id, "base64url");
  return bytes[6]! >> 4 === 4 && bytes[8]! >> 6 === 2;
}

function batchesOf(records: Uint8Array): unknown {
  return [...readBatches(records)].map((batch) => ({
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    magic: batch.magic,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    compression: batch.compression,
    timestampType: batch.timestampType,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    maxTimestamp: batch.maxTimestamp,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    sizeInBytes: batch.sizeInBytes,
    records: batch.records().map(({ offset, timestamp, key, value, headers }) => ({ offset, timestamp, key, value, headers })),
  }));
}

function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
