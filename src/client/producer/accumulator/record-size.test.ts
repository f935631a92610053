import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordBatchBuilder, type RecordBytes } from "../../../protocol/index.ts";
import { bytesOf, mostBytesOf, sizeOfPart } from "./record-size.ts";

const part: fc.Arbitrary<RecordBytes> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.constant(null),
);
const headers = fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 200 }), part), { maxLength: 5 });

describe("the size of a record", () => {
  it("is never more than what is reckoned cheaply, nor than what is reckoned exactly, wherever it stands in a batch", () => {
    fc.assert(
      fc.property(part, part, headers, fc.boolean(), (key, value, pairs, isFirst) => {
        const builder = new RecordBatchBuilder({});
        if (!isFirst) builder.tryAppend(0, null, null);
        const before = isFirst ? 0 : builder.sizeInBytes;
        builder.tryAppend(isFirst ? 0 : 4_000_000_000_000, key, value, pairs);
        const taken = builder.sizeInBytes - before;
        expect(taken).toBeLessThanOrEqual(bytesOf(key, value, pairs));
        expect(bytesOf(key, value, pairs)).toBeLessThanOrEqual(mostBytesOf(key, value, pairs) + 20);
        expect(taken).toBeLessThanOrEqual(mostBytesOf(key, value, pairs));
      }),
    );
  });

  it("of a part is its bytes, -1 for null", () => {
    expect([null, "", "€", new Uint8Array(3)].map(sizeOfPart)).toEqual([-1, 0, 3, 3]);
  });
});
