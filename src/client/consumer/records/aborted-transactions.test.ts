import { describe, expect, it } from "vitest";
import { batchOf, fetched, markerOf, toldOf } from "../../../../test/support/fetched-records.ts";
import type { RecordBatchInput } from "../../../protocol/index.ts";

function ofTransaction(producerId: bigint): Partial<RecordBatchInput> {
  return { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true };
}

describe("records of aborted transactions", () => {
  it("F14: are left out up to the abort marker, those of others are not", async () => {
    const part = fetched(
      [
        batchOf(0, ["plain"]),
        batchOf(1, ["bad"], ofTransaction(7n)),
        batchOf(2, ["good"], ofTransaction(8n)),
        batchOf(3, ["bad too"], ofTransaction(7n)),
        markerOf(4, "ABORT", 7n),
        batchOf(5, ["good again"], ofTransaction(7n)),
        markerOf(6, "COMMIT", 7n),
        markerOf(7, "COMMIT", 8n),
      ],
      { aborted: [{ producerId: 7n, firstOffset: 1 }] },
    );
    expect(await toldOf(part)).toEqual(["0:plain", "2:good", "5:good again"]);
    expect(part.nextOffset).toBe(8);
  });

  it("F14: of one producer may be several in one answer, with committed ones between", async () => {
    const batches = [
      batchOf(0, ["bad"], ofTransaction(7n)),
      markerOf(1, "ABORT", 7n),
      batchOf(2, ["good"], ofTransaction(7n)),
      markerOf(3, "COMMIT", 7n),
      batchOf(4, ["bad again"], ofTransaction(7n)),
      markerOf(5, "ABORT", 7n),
      batchOf(6, ["good again"], ofTransaction(7n)),
    ];
    const aborted = [0, 4].map((firstOffset) => ({ producerId: 7n, firstOffset }));
    expect(await toldOf(fetched(batches, { aborted }))).toEqual(["2:good", "6:good again"]);
  });

  it("F14: are known from a list in any order", async () => {
    const batches = [
      batchOf(0, ["bad"], ofTransaction(7n)),
      markerOf(1, "ABORT", 7n),
      batchOf(2, ["good"], ofTransaction(7n)),
      batchOf(3, ["bad"], ofTransaction(9n)),
      batchOf(4, ["bad"], ofTransaction(8n)),
      markerOf(5, "ABORT", 8n),
      markerOf(6, "ABORT", 9n),
      markerOf(7, "COMMIT", 7n),
      batchOf(8, ["bad"], ofTransaction(7n)),
    ];
    const aborted = [
      { producerId: 8n, firstOffset: 4 },
      { producerId: 7n, firstOffset: 8 },
      { producerId: 9n, firstOffset: 3 },
      { producerId: 7n, firstOffset: 0 },
    ];
    expect(await toldOf(fetched(batches, { aborted }))).toEqual(["2:good"]);
  });

  it("F14: may end in a later answer, which names the transaction again", async () => {
    const aborted = [{ producerId: 7n, firstOffset: 0 }];
    const first = fetched([batchOf(0, ["bad"], ofTransaction(7n))], { aborted });
    expect(await toldOf(first)).toEqual([]);
    expect(first.nextOffset).toBe(1);
    const later = [batchOf(1, ["bad"], ofTransaction(7n)), markerOf(2, "ABORT", 7n), batchOf(3, ["good"], ofTransaction(7n))];
    expect(await toldOf(fetched(later, { aborted, fetchOffset: 1 }))).toEqual(["3:good"]);
  });

  it("F14: markers may stand without any data, and come twice", async () => {
    const batches = [markerOf(0, "ABORT", 7n), markerOf(1, "ABORT", 7n), batchOf(2, ["good"], ofTransaction(7n))];
    expect(await toldOf(fetched(batches, { aborted: [] }))).toEqual(["2:good"]);
    expect(await toldOf(fetched(batches, { aborted: [{ producerId: 7n, firstOffset: 0 }] }))).toEqual(["2:good"]);
  });

  it("F14: a transaction whose first records are compacted away begins where the list says, inside a batch", async () => {
    const batches = [batchOf(0, ["bad", "bad"], ofTransaction(7n)), markerOf(2, "ABORT", 7n), batchOf(3, ["good"])];
    expect(await toldOf(fetched(batches, { aborted: [{ producerId: 7n, firstOffset: 1 }] }))).toEqual(["3:good"]);
  });

  it("F14: records that the producer wrote outside of any transaction are not among them", async () => {
    const batches = [batchOf(0, ["idempotent"], { ...ofTransaction(7n), isTransactional: false }), markerOf(1, "ABORT", 7n)];
    expect(await toldOf(fetched(batches, { aborted: [{ producerId: 7n, firstOffset: 0 }] }))).toEqual(["0:idempotent"]);
  });

  it("F14: a control batch that compaction has emptied ends nothing", async () => {
    const emptied = batchOf(1, [], { ...ofTransaction(7n), isControl: true, lastOffsetDelta: 0 });
    const batches = [
      batchOf(0, ["bad"], ofTransaction(7n)),
      emptied,
      batchOf(2, ["bad"], ofTransaction(7n)),
      markerOf(3, "ABORT", 7n),
    ];
    const part = fetched([...batches, batchOf(4, ["good"], ofTransaction(7n))], { aborted: [{ producerId: 7n, firstOffset: 0 }] });
    expect(await toldOf(part)).toEqual(["4:good"]);
  });

  it("F14: are delivered when everything is read, but markers never", async () => {
    const batches = [batchOf(0, ["open"], ofTransaction(7n)), markerOf(1, "ABORT", 7n), batchOf(2, ["more"])];
    expect(await toldOf(fetched(batches, { aborted: null }))).toEqual(["0:open", "2:more"]);
  });

  it("F14: a marker that is none is an error with its place", async () => {
    const broken = batchOf(1, ["x"], { ...ofTransaction(7n), isControl: true });
    const part = fetched([batchOf(0, ["bad"], ofTransaction(7n)), broken], { aborted: [{ producerId: 7n, firstOffset: 0 }] });
    await expect(toldOf(part)).rejects.toMatchObject({
      code: "MALFORMED_MESSAGE",
      topic: "orders",
      partition: 3,
      offset: 1,
      nextOffset: 2,
    });
  });

  it("F15: an answer with nothing but them and markers delivers nothing, and moves on", async () => {
    const part = fetched([batchOf(40, ["bad", "bad"], ofTransaction(7n)), markerOf(42, "ABORT", 7n)], {
      aborted: [{ producerId: 7n, firstOffset: 40 }],
      fetchOffset: 40,
    });
    expect(part).toMatchObject({ isEmpty: false, nextOffset: 43 });
    expect(part.next()).toBeUndefined();
    const markers = fetched([markerOf(43, "COMMIT", 7n)], { fetchOffset: 43, aborted: null });
    expect(markers).toMatchObject({ isEmpty: false, nextOffset: 44 });
    expect(markers.next()).toBeUndefined();
  });
});
