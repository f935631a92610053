import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KafkaError } from "../kafka-error.ts";
import { readBatches } from "./read-batches.ts";
import { RecordBatch } from "./record-batch.ts";
import type { RecordInput } from "./record-input.ts";
import { walkBatches } from "./walk-record-batch.ts";

const content = fc.option(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: "binary", maxLength: 80 })));
const record: fc.Arbitrary<RecordInput> = fc.record(
  {
    key: content,
    value: content,
    headers: fc.array(fc.tuple(fc.string({ unit: "grapheme", maxLength: 10 }), content), { maxLength: 4 }),
    timestamp: fc.oneof(fc.integer({ min: -1, max: 2 ** 31 }), fc.maxSafeNat(), fc.bigInt({ min: -1n, max: 2n ** 63n - 1n })),
  },
  { requiredKeys: [] },
);
const batch = fc.record({
  records: fc.array(record, { maxLength: 20 }),
  baseOffset: fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 62n })),
  compression: fc.constantFrom("none", "snappy", "lz4"),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }),
  producerEpoch: fc.integer({ min: -1, max: 32767 }),
  isTransactional: fc.boolean(),
});

function bytesOf(value: Uint8Array | string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return Buffer.from(typeof value === "string" ? new TextEncoder().encode(value) : value).toString("hex");
}

/** Everything a reader may touch. */
function readAll(bytes: Uint8Array): number {
  let touched = 0;
  for (const one of readBatches(bytes, { checkCrc: false, maxOutputBytes: 100_000 })) {
    for (const each of one) {
      touched += (each.key?.length ?? 0) + (each.value?.length ?? 0) + each.headers.length + each.sequence;
      void each.offsetBig;
      void each.timestampBig;
    }
  }
  return touched;
}

describe("any batch", () => {
  test("reads as it was written", () => {
    fc.assert(
      fc.property(batch, (input) => {
        const decoded = RecordBatch.decode(RecordBatch.encode(input));
        expect(decoded.producerId).toBe(input.producerId);
        expect(decoded.baseOffsetBig).toBe(BigInt(input.baseOffset));
        const expected = input.records.map(({ key, value, headers = [], timestamp = -1 }, index) => ({
          offset: BigInt(input.baseOffset) + BigInt(index),
          timestamp: BigInt(timestamp),
          key: bytesOf(key),
          value: bytesOf(value),
          headers: headers.map(([name, content]) => [name, bytesOf(content)]),
        }));
        const actual = decoded.records().map(({ offsetBig, timestampBig, key, value, headers }) => ({
          offset: offsetBig,
          timestamp: timestampBig,
          key: bytesOf(key),
          value: bytesOf(value),
          headers: headers.map(([name, content]) => [name, bytesOf(content)]),
        }));
        expect(actual).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("is written again with the same bytes", () => {
    fc.assert(
      fc.property(batch, (input) => {
        const bytes = RecordBatch.encode(input);
        expect(RecordBatch.encode(RecordBatch.decode(bytes).toInput())).toEqual(bytes);
      }),
      { numRuns: 100 },
    );
  });

  test("with some bytes changed gives values or a typed error, quickly", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(batch, fc.array(change, { minLength: 1, maxLength: 4 }), (input, changes) => {
        const bytes = RecordBatch.encode(input);
        for (const [position, byte] of changes) bytes[position % bytes.length] = byte;
        const startedAt = performance.now();
        try {
          readAll(bytes);
          walkBatches(bytes, 0, bytes.length, () => undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(KafkaError);
        }
        expect(performance.now() - startedAt).toBeLessThan(500);
      }),
      { numRuns: 600 },
    );
  });

  test("with a changed byte behind the checksum is refused", () => {
    fc.assert(
      fc.property(batch, fc.nat(), fc.integer({ min: 1, max: 255 }), (input, at, flip) => {
        const bytes = RecordBatch.encode(input);
        bytes[21 + (at % (bytes.length - 21))]! ^= flip;
        expect(() => RecordBatch.decode(bytes)).toThrow(KafkaError);
      }),
      { numRuns: 100 },
    );
  });
});

test("random bytes give values or a typed error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 17, maxLength: 300 }), fc.nat(2), (bytes, magic) => {
      bytes.set([0, 0, 0, Math.min(bytes.length - 12, 255)], 8);
      bytes[16] = magic;
      try {
        readAll(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(KafkaError);
      }
    }),
    { numRuns: 500 },
  );
});
