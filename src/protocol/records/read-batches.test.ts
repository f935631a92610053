import { expect, test } from "vitest";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { readBatches } from "./read-batches.ts";
import { RecordBatch } from "./record-batch.ts";

const first = RecordBatch.encode({ baseOffset: 0, records: [{ value: "a" }, { value: "b" }] });
const second = RecordBatch.encode({ baseOffset: 2, records: [{ value: "c" }] });
const both = Buffer.concat([first, second]);

test("batches follow each other, and each knows where the next begins", () => {
  expect([...readBatches(both)].map((batch) => [batch.start, batch.baseOffset, batch.nextOffset])).toEqual([
    [0, 0, 2],
    [first.length, 2, 3],
  ]);
});

test("a fetch may be cut anywhere in its last batch", () => {
  for (let cut = 0; cut < second.length; cut++) {
    expect([...readBatches(both.subarray(0, first.length + cut))]).toHaveLength(1);
  }
});

test("no bytes are no batches", () => {
  expect([...readBatches(new Uint8Array())]).toEqual([]);
});

test("a length that no batch has is corrupt and not a partial batch, after the good ones were handed out", () => {
  const seen: number[] = [];
  const padded = Buffer.concat([first, Buffer.alloc(16)]);
  expect(() => {
    for (const batch of readBatches(padded)) seen.push(batch.baseOffset);
  }).toThrow(MalformedMessageError);
  expect(seen).toEqual([0]);
});

test("reading can be limited to a part of a larger message", () => {
  expect([...readBatches(both, {}, first.length, both.length)].map((batch) => batch.baseOffset)).toEqual([2]);
  expect([...readBatches(both, {}, 0, both.length - 1)].map((batch) => batch.baseOffset)).toEqual([0]);
});
