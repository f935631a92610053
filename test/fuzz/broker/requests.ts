// Requests: Kafka's own, and what becomes of them when every value in them may be replaced by one that somebody hopes to do harm with.

import { decodeRequest } from "../../../src/protocol/frame/request.ts";
import { apiByKey, encodeRequestWithHeader, type RequestHeader, ZERO_UUID } from "../../../src/protocol/index.ts";
import { describe, type FieldDescription } from "../../../src/protocol/wire/describer.ts";
import { type MessageFixture, messageFixtures, oldMessageFixtures, recordsFixtures } from "../../support/fixtures.ts";
import { batchOf } from "../../support/produce.ts";
import type { Random } from "../random.ts";
import { type Known, transactionalBatch } from "./prepared-broker.ts";

export interface FixtureRequest {
  /** `Fetch v12 TYPICAL`. */
  readonly name: string;
  readonly api: string;
  readonly frame: Uint8Array;
}

/** Every request that Kafka's classes wrote, as a frame. */
export function fixtureRequests(): readonly FixtureRequest[] {
  return [...messageFixtures(), ...oldMessageFixtures()]
    .filter(({ kind, apiKey }) => kind === "request" && apiByKey(apiKey) !== undefined)
    .map((fixture) => ({ name: nameOf(fixture), api: fixture.name, frame: frameOf(fixture) }));
}

function nameOf({ name, version, variant }: MessageFixture): string {
  return `${name} v${version} ${variant}`;
}

function frameOf({ hex }: MessageFixture): Uint8Array {
  const frame = Buffer.from(`00000000${hex}`, "hex");
  frame.writeInt32BE(frame.length - 4);
  return new Uint8Array(frame);
}

/** A frame of the same kind with other values in it; undefined where what was drawn cannot be written. */
export function spoiledRequest(frame: Uint8Array, random: Random, known: Known): Uint8Array | undefined {
  try {
    const { header, version, body } = decodeRequest(frame);
    const api = apiByKey(header.requestApiKey)!;
    const spoiler = new Spoiler(random, known);
    return encodeRequestWithHeader(header as RequestHeader, spoiler.struct(describe(api.request, version), body));
  } catch {
    // A fixture whose numbers ours cannot hold, or nulls where this version has none.
    return undefined;
  }
}

const INT_ENDS = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-0x8000_0000, 0x7fff_ffff],
  int53: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  offset: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  timestamp: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
} as const;
const INTS = [-1, 0, 1, 2, 3, 5, 100, -2, -3, -4, -5, 10_000];
const WORDS = [
  "",
  " ",
  ".",
  "..",
  "*",
  ".*",
  "a".repeat(32_767),
  "\0",
  "\ud7ff",
  "__proto__",
  "constructor",
  "toString",
  "__consumer_offsets",
  "__transaction_state",
  "(a+)+$",
  "[[[[",
  "\\",
  "(".repeat(500),
  "range",
  "uniform",
  "consumer",
  "1",
  "-1",
  "nothing",
  "retention.ms",
  "cleanup.policy",
  "compact,delete",
  "min.insync.replicas",
];

class Spoiler {
  readonly #random: Random;
  readonly #known: Known;
  readonly #batches: readonly Uint8Array[];
  /** One in so many values is replaced. */
  readonly #rarity: number;

  constructor(random: Random, known: Known) {
    this.#random = random;
    this.#known = known;
    this.#rarity = random.pick([1, 2, 4, 8]);
    this.#batches = [batchOf("fine"), transactionalBatch(known), ...kafkaBatches()];
  }

  struct(fields: readonly FieldDescription[], value: unknown): object {
    const from = typeof value === "object" && value !== null ? value : {};
    return Object.fromEntries(fields.map((field) => [field.name, this.#field(field, Reflect.get(from, field.name))]));
  }

  #field(field: FieldDescription, value: unknown): unknown {
    if (!field.present) return field.default;
    const random = this.#random;
    if (field.nullable && random.below(8 * this.#rarity) === 0) return null;
    if (!field.isArray) return this.#element(field, value ?? undefined);
    if (value === null && random.below(3) > 0) return null;
    return this.#array(field, Array.isArray(value) ? value : []);
  }

  #array(field: FieldDescription, values: readonly unknown[]): readonly unknown[] {
    const random = this.#random;
    const elements = values.slice(0, 20).map((value) => this.#element(field, value));
    if (elements.length === 0 || random.below(4) === 0) elements.push(this.#element(field, undefined));
    const kind = random.below(10 * this.#rarity);
    if (kind === 0) return [];
    if (kind === 1) return [...elements, ...elements];
    if (kind === 2) return Array.from({ length: 1 + random.below(2000) }, () => elements[0]);
    if (kind === 3) return Array.from({ length: 2 + random.below(10) }, () => this.#element(field, values[0]));
    return elements;
  }

  #element(field: FieldDescription, value: unknown): unknown {
    if (field.type === "struct") return this.struct(field.fields, value);
    if (value !== undefined && this.#random.below(this.#rarity) > 0) return value;
    return this.#drawn(field);
  }

  #drawn({ type, name }: FieldDescription): unknown {
    const random = this.#random;
    switch (type) {
      case "boolean":
        return random.below(2) === 0;
      case "int64":
        return name.endsWith("roducerId") && random.below(3) > 0
          ? this.#known.producerId
          : random.pick([-1n, 0n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 1000n]);
      case "float64":
        return random.pick([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.001]);
      case "uuid":
        return random.pick([this.#known.topicId, this.#known.topicId, ZERO_UUID, "AAAAAAAAAAAAAAAAAAAAAg"]);
      case "string":
        return this.#text(name);
      case "bytes":
        return random.pick([
          new Uint8Array(0),
          new Uint8Array(4),
          new Uint8Array(100_000),
          batchOf("bytes"),
          Buffer.from("\xff\xff"),
        ]);
      case "records":
        return random.pick(this.#batches);
      case "struct":
        return {};
      default:
        return this.#number(type, name);
    }
  }

  #number(type: keyof typeof INT_ENDS, name: string): number {
    const [least, most] = INT_ENDS[type];
    if (name.toLowerCase().endsWith("producerepoch") && this.#random.below(3) > 0) return this.#known.producerEpoch;
    return this.#random.below(3) === 0
      ? this.#random.pick([least, most])
      : Math.max(least, Math.min(most, this.#random.pick(INTS)));
  }

  #text(name: string): string {
    const random = this.#random;
    const { topic, groupId, consumerGroupId, memberId, consumerMemberId, transactionalId } = this.#known;
    if (random.below(3) === 0) return random.pick(WORDS);
    const lower = name.toLowerCase();
    if (lower.includes("member")) return random.pick([memberId, consumerMemberId]);
    if (lower.includes("group") || lower === "key") return random.pick([groupId, consumerGroupId, transactionalId]);
    if (lower.includes("transactional")) return transactionalId;
    if (lower.includes("topic") || lower === "name" || lower.includes("resource")) return random.pick([topic, topic, groupId, "1"]);
    return random.pick([topic, groupId, consumerGroupId, memberId, transactionalId, ...WORDS]);
  }
}

let batches: readonly Uint8Array[] | undefined;

/** Batches of all formats and codecs that Kafka's classes wrote. */
function kafkaBatches(): readonly Uint8Array[] {
  batches ??= recordsFixtures().flatMap((it) =>
    it.builderError === undefined && it.hex.length < 20_000 ? [Buffer.from(it.hex, "hex")] : [],
  );
  return batches;
}
