import { describe, expect, it } from "vitest";
import { batchOf, fetched, told } from "../../../../test/support/fetched-records.ts";
import { MalformedMessageError } from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { UnreadableRecordsError } from "../../errors.ts";
import { AssignedPartition } from "../assignment/assigned-partition.ts";
import { FetchBuffer } from "./fetch-buffer.ts";
import { Reader } from "./reader.ts";
import type { Taken } from "./taken.ts";

const ignore = (): void => undefined;

/** Another thread that is done when the test says so. */
class HeldCodec {
  readonly #begun: { finish: () => void; fail: (error: Error) => void }[] = [];
  readonly codecs = {
    gzip: {
      ...nodeCodecs.gzip,
      decompressAsync: (bytes: Uint8Array, options: { readonly maxOutputBytes: number }) =>
        new Promise<Uint8Array>((resolve, reject) => {
          this.#begun.push({ finish: () => resolve(nodeCodecs.gzip.decompress(bytes, options)), fail: reject });
        }),
    },
  };

  get begun(): number {
    return this.#begun.length;
  }

  finish(): void {
    for (const { finish } of this.#begun.splice(0)) finish();
  }

  fail(): void {
    for (const { fail } of this.#begun.splice(0)) fail(new MalformedMessageError("not gzip"));
  }
}

/** Big enough for another thread. */
function bigBatch(baseOffset: number): Uint8Array {
  const values = Array.from({ length: 6000 }, (_, index) => JSON.stringify({ id: index * 7919, name: `customer ${index % 97}` }));
  return batchOf(baseOffset, values, { compression: "gzip" });
}

/** The same, and it claims so many offsets more: who begins behind its records gets none of it. */
function endingInGap(baseOffset: number, gap: number): Uint8Array {
  const batch = Buffer.from(bigBatch(baseOffset));
  batch.writeInt32BE(5999 + gap, 23);
  return batch;
}

function stageOf(count: number) {
  const unreadable: unknown[] = [];
  const buffer = new FetchBuffer({ onReadable: ignore, onRoom: ignore });
  const reader = new Reader({ buffer, onUnreadable: (_backlog, error) => unreadable.push(error), onOpened: ignore });
  const codec = new HeldCodec();
  const partitions = Array.from({ length: count }, (_, index) => {
    const partition = new AssignedPartition("orders", index);
    partition.moveTo(0);
    return partition;
  });
  const add = (index: number, batches: readonly Uint8Array[], fetchOffset = 0): void => {
    const partition = partitions[index];
    if (partition === undefined) throw new Error("no such partition");
    buffer.add(fetched(batches, { partition, fetchOffset, codecs: codec.codecs, checkCrcs: false }));
  };
  return { reader, buffer, codec, partitions, add, unreadable };
}

function atOnce(taken: Taken | Promise<Taken>): Taken {
  if (taken instanceof Promise) throw new Error("it waits");
  return taken;
}

describe("while a batch of one partition is decompressed on another thread", () => {
  it("a poll is given what others have", async () => {
    const { reader, codec, add } = stageOf(3);
    add(0, [bigBatch(0)]);
    add(1, [batchOf(0, ["a", "b"])]);
    add(2, [batchOf(0, ["c"])]);
    const first = atOnce(reader.take(500));
    expect(told(first.records)).toEqual(["0:a", "1:b", "0:c"]);
    reader.handOut(first);
    expect(codec.begun).toBe(1);
    const second = reader.take(2);
    codec.finish();
    expect((await second).records).toHaveLength(2);
  });

  it("a loop is given what others have, and then waits for whichever is ready first", async () => {
    const { reader, codec, add, partitions } = stageOf(2);
    add(0, [bigBatch(0)]);
    add(1, [batchOf(0, ["a"])]);
    expect(reader.next()).toMatchObject({ partition: 1, offset: 0 });
    const waiting = reader.next();
    expect(waiting).toBeInstanceOf(Promise);
    codec.finish();
    await waiting;
    expect(reader.next()).toMatchObject({ partition: 0, offset: 0 });
    expect(partitions.map(({ position }) => position)).toEqual([1, 1]);
  });

  it("whoever reads by batches is given those of others", async () => {
    const { reader, codec, add } = stageOf(2);
    add(0, [bigBatch(0)]);
    add(1, [batchOf(0, ["a"])]);
    const batch = reader.nextBatch();
    if (batch === undefined || batch instanceof Promise) throw new Error("no batch, or not at once");
    expect([batch.partition.partition, reader.handOutBatch(batch)?.records.count]).toEqual([1, 1]);
    const waiting = reader.nextBatch();
    codec.finish();
    await waiting;
    expect(reader.nextBatch()).toMatchObject({ count: 6000 });
  });

  it("nobody is told of its failure before his turn, and then every time", async () => {
    const { reader, codec, add, unreadable, partitions } = stageOf(2);
    add(0, [bigBatch(0)]);
    add(1, [batchOf(0, ["a"])]);
    reader.handOut(atOnce(reader.take(500)));
    const waiting = reader.take(500);
    codec.fail();
    await expect(waiting).rejects.toThrow(UnreadableRecordsError);
    expect(() => reader.take(500)).toThrow(UnreadableRecordsError);
    expect(unreadable).toHaveLength(2);
    expect(partitions[0]?.position).toBe(0);
  });

  it("a partition that was sought is not waited for, and what was made of it is nobody's", async () => {
    const { reader, buffer, codec, add, partitions } = stageOf(1);
    add(0, [bigBatch(0)]);
    const waiting = reader.take(500);
    partitions[0]?.moveTo(70_000);
    if (partitions[0] !== undefined) buffer.drop(partitions[0]);
    codec.finish();
    expect((await waiting).records).toEqual([]);
    expect(partitions[0]?.position).toBe(70_000);
  });
});

it("the end of a part that showed later moves no position past records that were taken and not handed out", async () => {
  const { reader, codec, add, partitions } = stageOf(1);
  partitions[0]?.moveTo(5998);
  add(0, [batchOf(5998, ["a", "b"]), endingInGap(0, 10)], 5998);
  const taken = atOnce(reader.take(500));
  expect(told(taken.records)).toEqual(["5998:a", "5999:b"]);
  codec.finish();
  await new Promise(setImmediate);
  expect(partitions[0]?.position).toBe(5998);
  taken.giveBack();
  expect(partitions[0]?.fetchOffset).toBe(5998);
});
