import { describe, expect, it } from "vitest";
import { batchOf, markerOf } from "../../../test/support/fetched-records.ts";
import { nodeCodecs } from "../compression/node-codecs.ts";
import { RecordSettings, type RecordSettingsInit } from "../consumer/records/record-settings.ts";
import { DeserializationError, UnreadableRecordsError } from "../errors.ts";
import { AcquiredPart, type TakenPart } from "./acquired-part.ts";
import { AcquiredRanges } from "./acquired-ranges.ts";
import type { Lease } from "./lease.ts";
import { batchesOf } from "./offset-runs.ts";

const lease: Lease = {
  holder: { nodeId: 1, isCurrent: () => true },
  life: 0,
  topic: "orders",
  topicId: "id",
  partition: 3,
  lockedUntilMs: Number.POSITIVE_INFINITY,
};

type Range = readonly [first: number, last: number, deliveryCount?: number];

function part(batches: readonly Uint8Array[], ranges: readonly Range[], more: Partial<RecordSettingsInit> = {}): AcquiredPart {
  const acquired = ranges.map(([firstOffset, lastOffset, deliveryCount = 1]) => ({ firstOffset, lastOffset, deliveryCount }));
  return new AcquiredPart({
    lease,
    records: Buffer.concat(batches),
    acquired: new AcquiredRanges(acquired),
    settings: new RecordSettings({ checkCrcs: true, codecs: nodeCodecs, ...more }),
  });
}

const valuesOf = ({ hand }: TakenPart): readonly string[] =>
  hand.records.map(({ offset, value, deliveryCount }) => `${offset} ${String(value)} ×${deliveryCount}`);

/** What the broker is told when everything that is undecided is accepted. */
function told({ hand }: TakenPart): readonly string[] {
  hand.acceptAll();
  const runs = hand.take().acknowledgements.flatMap((one) => one.runs);
  return batchesOf(runs).map(
    ({ firstOffset, lastOffset, acknowledgeTypes }) => `${firstOffset}-${lastOffset} ${acknowledgeTypes.join()}`,
  );
}

const take = (from: AcquiredPart, most = 100): Promise<TakenPart> => from.take(most, true);

describe("acquired records", () => {
  it("are written as JSON with their delivery count", async () => {
    const { hand } = await take(part([batchOf(0, ["a"])], [[0, 0, 3]]));
    expect(JSON.parse(JSON.stringify(hand.records[0]))).toMatchObject({ topic: "orders", offset: 0, value: "a", deliveryCount: 3 });
  });

  it("are those of the ranges, each with its delivery count; the rest of their batches is left out", async () => {
    const taken = await take(
      part(
        [batchOf(0, ["a", "b", "c"]), batchOf(3, ["d", "e"])],
        [
          [1, 1, 2],
          [3, 4],
        ],
      ),
    );
    expect(valuesOf(taken)).toEqual(["1 b ×2", "3 d ×1", "4 e ×1"]);
    expect(told(taken)).toEqual(["1-1 1", "3-4 1"]);
  });

  it("come some at a time, also out of the middle of a batch", async () => {
    const from = part([batchOf(0, ["a", "b", "c"])], [[0, 2]]);
    expect(valuesOf(await take(from, 2))).toEqual(["0 a ×1", "1 b ×1"]);
    expect([valuesOf(await take(from, 2)), from.isDone]).toEqual([["2 c ×1"], true]);
  });

  it("offsets without a record are gaps: between batches, inside them, and markers of transactions", async () => {
    const holes = batchOf(10, ["x", "z"], {
      records: [
        { value: "x", offset: 10 },
        { value: "z", offset: 14 },
      ],
    });
    const taken = await take(part([batchOf(0, ["a"]), holes, markerOf(15, "COMMIT", 1n)], [[0, 15]]));
    expect(valuesOf(taken)).toEqual(["0 a ×1", "10 x ×1", "14 z ×1"]);
    expect(told(taken)).toEqual(["0-0 1", "1-9 0", "10-10 1", "11-13 0", "14-14 1", "15-15 0"]);
  });

  it("what is locked and was not sent along is given back, and is no gap: there may be records", async () => {
    const whole = batchOf(0, ["a"]);
    const taken = await take(part([whole, batchOf(1, ["b"]).subarray(0, 30)], [[0, 5_000_000_000]]));
    expect([valuesOf(taken), told(taken)]).toEqual([["0 a ×1"], ["0-0 1", "1-5000000000 2"]]);
  });

  it("of a damaged batch are given back, after what comes before it; what follows is read", async () => {
    const damaged = Buffer.from(batchOf(1, ["b", "c"]));
    damaged[damaged.length - 1]! ^= 1;
    const from = part([batchOf(0, ["a"]), damaged, batchOf(3, ["d"])], [[0, 3]]);
    const first = await take(from);
    expect([valuesOf(first), first.problem, from.hasFailed]).toEqual([["0 a ×1"], undefined, true]);
    const second = await take(from);
    expect(second.problem).toBeInstanceOf(UnreadableRecordsError);
    expect([second.problem?.code, told(second)]).toEqual(["CORRUPT_BATCH", ["1-2 2"]]);
    expect(valuesOf(await take(from))).toEqual(["3 d ×1"]);
  });

  it("a batch that is damaged and not ours is nobody's problem", async () => {
    const damaged = Buffer.from(batchOf(1, ["b"]));
    damaged[damaged.length - 1]! ^= 1;
    expect(valuesOf(await take(part([damaged, batchOf(2, ["c"])], [[2, 2]])))).toEqual(["2 c ×1"]);
  });

  it("bytes that are no batch give back all that is left", async () => {
    const nonsense = Buffer.alloc(100, 0x7f);
    nonsense.writeInt32BE(1, 8);
    const from = part([batchOf(0, ["a"]), nonsense], [[0, 9]]);
    await take(from);
    const taken = await take(from);
    expect([taken.problem?.name, told(taken), from.isDone]).toEqual(["UnreadableRecordsError", ["1-9 2"], true]);
  });

  it("one that its deserializer refuses is released unless it is decided otherwise, and those behind it are read", async () => {
    const deserialize = (bytes: Uint8Array | null): Promise<string> => {
      const text = String(bytes);
      return text === "bad" ? Promise.reject(new Error("bad")) : Promise.resolve(text);
    };
    const from = part([batchOf(0, ["good", "bad", "fine"])], [[0, 2]], { valueDeserializer: { deserialize } });
    expect(valuesOf(await take(from))).toEqual(["0 good ×1"]);
    const failed = await take(from);
    expect([failed.problem, told(failed)]).toEqual([expect.any(DeserializationError), ["1-1 2"]]);
    expect(valuesOf(await take(from))).toEqual(["2 fine ×1"]);
  });

  it("nobody is told of a problem behind records that another part gave: they come first", async () => {
    const from = part([Buffer.alloc(100, 0x7f)], [[0, 9]]);
    const { hand, problem } = await from.take(5, false);
    expect([hand.isEmpty, problem, from.hasFailed]).toEqual([true, undefined, true]);
  });
});
