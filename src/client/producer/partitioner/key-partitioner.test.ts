import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyPartitionsFixtures } from "../../../../test/support/fixtures.ts";
import { partitionKey } from "../../../../test/support/partition-keys.ts";
import { resolveProducerConfig } from "../../config/producer-config.ts";
import type { PartitionerName } from "../../config/producer-options.ts";
import { KeyHash } from "./key-hash.ts";
import { type TopicPartitioner, type TopicView, topicPartitioner } from "./topic-partitioner.ts";

/** All well, and nothing waits. */
function viewOf(partitionCount: number): TopicView {
  return {
    topic: "orders",
    partitionCount,
    hasLeader: () => true,
    leaderRack: () => undefined,
    queuedBatches: () => 0,
    stuckMs: () => 0,
  };
}

/** Keys decide here, and never chance. */
function noChance(): number {
  throw new Error("chance was asked");
}

function partitionerOf(partitioner: PartitionerName, partitions: number): TopicPartitioner {
  return topicPartitioner(resolveProducerConfig({ partitioner }), viewOf(partitions), noChance);
}

const asText = (key: Buffer): string | undefined => (key.equals(Buffer.from(key.toString())) ? key.toString() : undefined);

describe("the partitions of keys are those that Java's producer chooses", () => {
  it.each(keyPartitionsFixtures("java"))("$keys keys, $partitions partitions", ({ partitioner, partitions, keys, of }) => {
    const expected = Buffer.from(of, "base64");
    expect([keys, expected.length]).toEqual([10_000, 10_000]);
    for (const name of [partitioner, "murmur2Random"] as const) {
      const chooser = partitionerOf(name, partitions);
      const different = [...expected.keys()].filter((index) => chooser.choose(partitionKey(index), null) !== expected[index]);
      expect(different).toEqual([]);
    }
  });

  it("whether the key comes as bytes or as text", () => {
    for (const { partitions, of } of keyPartitionsFixtures("java")) {
      const chooser = partitionerOf("default", partitions);
      const texts = [...Buffer.from(of, "base64")].flatMap((partition, index) => {
        const text = asText(partitionKey(index));
        return text === undefined ? [] : [{ text, partition }];
      });
      expect(texts.length).toBeGreaterThan(4000);
      expect(texts.filter(({ text, partition }) => chooser.choose(text, null) !== partition)).toEqual([]);
    }
  });
});

describe("the partitions of keys are those that librdkafka chooses", () => {
  it.each(keyPartitionsFixtures("librdkafka"))(
    "$partitioner, $partitions partitions",
    ({ partitioner, partitions, of, ofNull }) => {
      const expected = Buffer.from(of, "base64");
      expect(expected.length).toBe(2000);
      const chooser = partitionerOf(partitioner, partitions);
      const different = [...expected.keys()].filter((index) => chooser.choose(partitionKey(index), null) !== expected[index]);
      expect(different).toEqual([]);
      expect(chooser.choose(null, null)).toBe(ofNull);
    },
  );

  // librdkafka's tests/0048-partitioner.c expects these, of 17 partitions; null where any will do.
  const keys = [null, "", "23456", "this is another string with more length to it perhaps", "hejsan"];
  const anywhere = null;
  it.each([
    ["consistent", [0, 0, 0xb1b4_51d7, 0xb015_0df7, 0xd077_037e]],
    ["consistentRandom", [anywhere, anywhere, 0xb1b4_51d7, 0xb015_0df7, 0xd077_037e]],
    ["murmur2", [0x106e_08d9, 0x106e_08d9, 0x058d_780f, 0x4f77_03da, 0x5ec1_9395]],
    ["murmur2Random", [anywhere, 0x106e_08d9, 0x058d_780f, 0x4f77_03da, 0x5ec1_9395]],
    ["fnv1a", [0x7ee3_623b, 0x7ee3_623b, 0x27e6_f469, 0x155e_3e5f, 0x17b1_e27a]],
    ["fnv1aRandom", [anywhere, 0x7ee3_623b, 0x27e6_f469, 0x155e_3e5f, 0x17b1_e27a]],
  ] as const)("%s: its own vectors", (partitioner, hashes) => {
    for (const [index, key] of keys.entries()) {
      const hash = hashes[index] ?? anywhere;
      const chooser = topicPartitioner(resolveProducerConfig({ partitioner }), viewOf(17), () => 0.999);
      expect([key, chooser.choose(key, null)]).toEqual([key, hash === anywhere ? 16 : hash % 17]);
    }
  });

  it("where FNV-1a's hash is the number whose absolute value has no 32 bits, too", () => {
    const key = Buffer.from("025796df4d", "hex");
    expect(new KeyHash("fnv1a").of(key)).toBe(0x8000_0000);
    // What librdkafka 2.16.0 answers.
    expect([3, 7, 12, 100].map((partitions) => partitionerOf("fnv1a", partitions).choose(key, null))).toEqual([2, 2, 8, 48]);
  });
});

describe("a key is hashed as its UTF-8", () => {
  it.each(["crc32", "murmur2", "fnv1a"] as const)("%s: of any text, short and long, lone surrogates included", (name) => {
    const hash = new KeyHash(name);
    const text = fc.oneof(
      fc.string({ unit: "binary-ascii", maxLength: 80 }),
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 600 }).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(fc.property(text, (key) => hash.of(key) === hash.of(new TextEncoder().encode(key))));
  });

  it("at every length around where the way of encoding changes", () => {
    const hash = new KeyHash("murmur2");
    for (const unit of ["a", "\u0080", "ä", "漢", "😀"]) {
      for (let length = 0; length < 400; length++) {
        const key = unit.repeat(length);
        if (hash.of(key) !== hash.of(Buffer.from(key))) expect.fail(`${length} times ${unit}`);
      }
    }
  });

  it("a part of a larger buffer is hashed as that part", () => {
    const whole = Buffer.from("....key-42....");
    expect(new KeyHash("murmur2").of(whole.subarray(4, 10))).toBe(new KeyHash("murmur2").of("key-42"));
  });
});

it("keys follow the number of partitions when it grows", () => {
  const view = { ...viewOf(3), partitionCount: 3 };
  const chooser = topicPartitioner(resolveProducerConfig({}), view, noChance);
  const key = partitionKey(5);
  expect(chooser.choose(key, null)).toBe(partitionerOf("default", 3).choose(key, null));
  view.partitionCount = 100;
  expect(chooser.choose(key, null)).toBe(partitionerOf("default", 100).choose(key, null));
});

it("keys go to their partition although it has no leader", () => {
  const chooser = topicPartitioner(resolveProducerConfig({}), { ...viewOf(12), hasLeader: () => false }, noChance);
  expect(chooser.choose("key-1", null)).toBe(partitionerOf("default", 12).choose("key-1", null));
});
