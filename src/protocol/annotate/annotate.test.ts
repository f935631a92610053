import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageFixtures } from "../../../test/support/fixtures.ts";
import { KafkaError } from "../kafka-error.ts";
import { type AnnotateOptions, annotate } from "./annotate.ts";
import { type Annotation, leavesOf } from "./annotation.ts";

function frame(hex: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(hex.length / 2);
  return Buffer.concat([size, Buffer.from(hex, "hex")]);
}

const request: AnnotateOptions = { kind: "request" };

/** One line a leaf: its bytes, path, type, value and note. */
function lines(bytes: Uint8Array, options: AnnotateOptions): string[] {
  return [...leavesOf(annotate(bytes, options))].map(({ start, end, path, type, value, note }) => {
    const hex = Buffer.from(bytes.subarray(start, end)).toString("hex");
    const shown = value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
    return `${hex} ${path} ${type} = ${shown}${note === undefined ? "" : ` (${note})`}`;
  });
}

function expectEveryByteOnce(bytes: Uint8Array, tree: Annotation): void {
  let position = 0;
  for (const { start, end, path } of leavesOf(tree)) {
    expect({ path, start }).toEqual({ path, start: position });
    expect(end).toBeGreaterThan(start);
    position = end;
  }
  expect(position).toBe(bytes.length);
}

describe("an annotated request", () => {
  it("labels every byte, and explains compact lengths", () => {
    const bytes = frame("00120003" + "00000001" + "00026d65" + "00" + "036b77" + "01" + "00");
    expect(lines(bytes, request)).toEqual([
      "00000012 size int32 = 18 (of everything after it)",
      "0012 header.requestApiKey int16 = 18",
      "0003 header.requestApiVersion int16 = 3",
      "00000001 header.correlationId int32 = 1",
      "0002 header.clientId.length int16 = 2",
      "6d65 header.clientId.text utf-8 = me",
      "00 header.taggedFields.count uvarint = 0 (no tagged fields)",
      "03 body.clientSoftwareName.length uvarint = 3 (2, written as one more, because 0 stands for null)",
      "6b77 body.clientSoftwareName.text utf-8 = kw",
      "01 body.clientSoftwareVersion.length uvarint = 1 (0, written as one more, because 0 stands for null)",
      "00 body.taggedFields.count uvarint = 0 (no tagged fields)",
    ]);
    expect(annotate(bytes, request).name).toBe("ApiVersions request v3");
  });

  it("shows null and the tags that nobody knows", () => {
    const bytes = frame("00120005" + "00000001" + "ffff" + "01" + "4d0168" + "01" + "01" + "00" + "ffffffff" + "01" + "6400");
    const text = lines(bytes, request);
    expect(text).toContain("ffff header.clientId.length int16 = -1 (null)");
    expect(text).toContain("00 body.clusterId.length uvarint = 0 (0 stands for null)");
    expect(text.slice(5, 9)).toEqual([
      "01 header.taggedFields.count uvarint = 1 (how many tagged fields follow)",
      "4d header.taggedFields[77].tag uvarint = 77",
      "01 header.taggedFields[77].size uvarint = 1 (1 bytes of payload)",
      "68 header.taggedFields[77].content bytes = 68 (an unknown tagged field, kept as it is)",
    ]);
    expect(text.slice(-2)).toEqual([
      "64 body.taggedFields[100].tag uvarint = 100",
      "00 body.taggedFields[100].size uvarint = 0 (0 bytes of payload)",
    ]);
  });

  it("labels varints that are longer than they need to be", () => {
    const bytes = frame("00120003" + "00000001" + "ffff" + "8000" + "8100" + "8180808000" + "8100" + "e400" + "8000");
    expect(lines(bytes, request).slice(5)).toEqual([
      "8000 header.taggedFields.count uvarint = 0 (no tagged fields)",
      "8100 body.clientSoftwareName.length uvarint = 1 (0, written as one more, because 0 stands for null)",
      "8180808000 body.clientSoftwareVersion.length uvarint = 1 (0, written as one more, because 0 stands for null)",
      "8100 body.taggedFields.count uvarint = 1 (how many tagged fields follow)",
      "e400 body.taggedFields[100].tag uvarint = 100",
      "8000 body.taggedFields[100].size uvarint = 0 (0 bytes of payload)",
    ]);
  });
});

describe("an annotated response", () => {
  it("explains error codes", () => {
    const options: AnnotateOptions = { kind: "response", api: "Heartbeat", version: 0 };
    expect(lines(frame("00000001" + "001b"), options).at(-1)).toMatch(/^001b body.errorCode int16 = 27 \(REBALANCE_IN_PROGRESS: ./);
    expect(lines(frame("00000001" + "0000"), options).at(-1)).toBe("0000 body.errorCode int16 = 0 (no error)");
    expect(lines(frame("00000001" + "7fff"), options).at(-1)).toMatch(/^7fff body.errorCode int16 = 32767 \(UNKNOWN/);
  });

  it("labels tagged fields that the layout knows with their names", () => {
    const body = "0000" + "01" + "00000000" + "02" + "0108" + "000000000000002a" + "0301" + "01";
    const text = lines(frame(`00000001${body}`), { kind: "response", api: "ApiVersions", version: 3 });
    expect(text).toContain("000000000000002a body.finalizedFeaturesEpoch int64 = 42");
    expect(text).toContain("01 body.zkMigrationReady boolean = true");
  });

  it("tells a null struct from one that follows", () => {
    const options: AnnotateOptions = { kind: "response", api: "ConsumerGroupHeartbeat", version: 0 };
    const head = "00000001" + "00" + "00000000" + "0000" + "00" + "00" + "00000001" + "00001388";
    expect(lines(frame(`${head}ff00`), options).at(-2)).toBe("ff body.assignment.presence int8 = false (-1: null)");
    expect(lines(frame(`${head}01010000`), options).slice(-4)).toEqual([
      "01 body.assignment.presence int8 = true (1: the struct follows)",
      "01 body.assignment.topicPartitions.length uvarint = 1 (0, written as one more, because 0 stands for null)",
      "00 body.assignment.taggedFields.count uvarint = 0 (no tagged fields)",
      "00 body.taggedFields.count uvarint = 0 (no tagged fields)",
    ]);
  });

  it("shows offsets that a number cannot hold, exactly", () => {
    const body = "00000000" + "00000001" + "000161" + "00000001" + "00000000" + "0000" + "ffffffffffffffff" + "7fffffffffffffff";
    const text = lines(frame(`00000001${body.slice(8)}`), { kind: "response", api: "ListOffsets", version: 1 });
    expect(text.at(-2)).toBe("ffffffffffffffff body.topics[0].partitions[0].timestamp timestamp = -1 (no timestamp)");
    expect(text.at(-1)).toBe("7fffffffffffffff body.topics[0].partitions[0].offset offset = 9223372036854775807");
  });

  it("needs to know what it answers", () => {
    expect(() => annotate(frame("00000001"), { kind: "response" })).toThrow(KafkaError);
    expect(() => annotate(frame("00000001"), { kind: "response" })).toThrow("pass { api, version } of its request");
    expect(() => annotate(frame("00000001"), { kind: "response", api: "Fetch", version: 99 })).toThrow("only versions");
  });
});

describe("malformed bytes", () => {
  it("are labelled up to the place where they stop making sense; the rest is one leaf that says why", () => {
    const bytes = frame("00120003" + "00000001" + "ffff" + "00" + "096b77");
    expect(lines(bytes, request).slice(-1)).toEqual([
      expect.stringMatching(/^096b77 unread malformed = undefined \(.*a length of 8 where at most 2 fit\)$/),
    ]);
    expect([...leavesOf(annotate(bytes, request))].filter(({ type }) => type === "malformed")).toHaveLength(1);
  });

  it("behind the last field are one leaf, too", () => {
    expect(lines(frame("00120000" + "00000001" + "ffff" + "cafe"), request).at(-1)).toMatch(
      /^cafe unread malformed .*2 bytes are left over\)$/,
    );
  });

  it("that are no frame at all are one leaf", () => {
    for (const hex of ["00", "00000009aa", "ffffffff"]) {
      expect(lines(Buffer.from(hex, "hex"), request)).toEqual([expect.stringMatching(`^${hex} unread malformed`)]);
    }
    expect(lines(new Uint8Array(), request)).toEqual([]);
  });
});

describe("a compressed message set of format 1", () => {
  /** A message without a key, in bytes that count: offset, size, CRC, magic, attributes, timestamp, key, value. */
  function message(value: Uint8Array, attributes: number): Buffer {
    const head = Buffer.alloc(34);
    head.writeInt32BE(22 + value.length, 8);
    head[16] = 1;
    head[17] = attributes;
    head.writeInt32BE(-1, 26);
    head.writeInt32BE(value.length, 30);
    return Buffer.concat([head, value]);
  }
  /** A raw snappy block of one literal: its size, then the literal's tag with three bytes of length, then the bytes. */
  function snappy(bytes: Uint8Array): Buffer {
    const size: number[] = [];
    for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
      size.push(rest < 128 ? rest : (rest % 128) + 128);
      if (rest < 128) break;
    }
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length - 1);
    return Buffer.concat([Buffer.from([...size, 62 << 2]), length.subarray(0, 3), bytes]);
  }
  const SNAPPY = 2;

  it("is unfolded, and what is inside is labelled too", () => {
    const bytes = message(snappy(message(Buffer.from("hi"), 0)), SNAPPY);
    const value = [...leavesOf(annotate(bytes, { kind: "records" }))].find(({ inside }) => inside !== undefined);
    expect(value?.note).toBe("snappy, unfolds to 36 bytes");
    const inner = value!.inside!.annotations.flatMap((annotation) => [...leavesOf(annotation)]);
    expect(inner.at(-1)).toMatchObject({ name: "value", value: Uint8Array.of(104, 105) });
  });

  it("is unfolded once: a set inside it may not be compressed again, however deep somebody nests them", () => {
    let bytes = message(Buffer.from("hi"), 0);
    for (let depth = 0; depth < 3000; depth++) bytes = message(snappy(bytes), SNAPPY);
    const tree = annotate(bytes, { kind: "records" });
    expectEveryByteOnce(bytes, tree);
    const value = [...leavesOf(tree)].find(({ inside }) => inside !== undefined);
    const inner = value!.inside!.annotations.flatMap((annotation) => [...leavesOf(annotation)]);
    expect(inner.at(-1)).toMatchObject({ name: "value", note: expect.stringContaining("it stays folded") });
    expect(inner.at(-1)).not.toHaveProperty("inside");
  });
});

describe("the leaves cover every byte exactly once", () => {
  const fixtures = messageFixtures().filter(({ clientFacing, variant }) => clientFacing && variant !== "MAX");
  const optionsOf = ({ kind, apiKey, version }: (typeof fixtures)[number]): AnnotateOptions => ({ kind, api: apiKey, version });

  it("of any bytes, whatever they are said to be", () => {
    const kinds = fc.constantFrom<AnnotateOptions>(
      { kind: "request" },
      { kind: "records" },
      { kind: "response", api: "Metadata", version: 12 },
      { kind: "response", api: "Fetch", version: 16 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), kinds, (bytes, options) => {
        expectEveryByteOnce(bytes, annotate(bytes, options));
        const framed = frame(Buffer.from(bytes).toString("hex"));
        expectEveryByteOnce(framed, annotate(framed, options));
      }),
      { numRuns: 300 },
    );
  });

  it("of Kafka's messages, also when they are cut off or changed", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...fixtures),
        fc.array(change, { maxLength: 3 }),
        fc.nat(9),
        fc.nat(),
        (fixture, changes, kind, cut) => {
          const whole = Buffer.from(fixture.hex, "hex");
          for (const [at, byte] of changes) whole[8 + (at % Math.max(whole.length - 8, 1))] = byte;
          const length = kind < 3 ? cut % whole.length : whole.length;
          const bytes = frame(whole.toString("hex", 0, length));
          expectEveryByteOnce(bytes, annotate(bytes, optionsOf(fixture)));
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("an answer in version 0 to a newer ApiVersions request", () => {
  it("is explained as what it is (KIP-511)", () => {
    const frame = Buffer.from("00000010000000070023000000010012" + "00000004", "hex");
    const tree = annotate(frame, { kind: "response", api: "ApiVersions", version: 4 });
    expect([...leavesOf(tree)].filter(({ type }) => type === "malformed")).toEqual([]);
  });
});
