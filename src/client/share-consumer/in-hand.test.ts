import { describe, expect, it } from "vitest";
import { batchOf } from "../../../test/support/fetched-records.ts";
import { nodeCodecs } from "../compression/node-codecs.ts";
import { RecordSettings } from "../consumer/records/record-settings.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { AcquiredPart } from "./acquired-part.ts";
import { AcquiredRanges } from "./acquired-ranges.ts";
import { InHand } from "./in-hand.ts";

const holder = { nodeId: 1, isCurrent: () => true };

/** Records 0 to 3 of a partition. */
async function handed(inHand: InHand, partition: number): Promise<void> {
  const part = new AcquiredPart({
    lease: { holder, life: 0, topic: "orders", topicId: "id", partition, lockedUntilMs: Number.POSITIVE_INFINITY },
    records: Buffer.from(batchOf(0, ["a", "b", "c", "d"])),
    acquired: new AcquiredRanges([{ firstOffset: 0, lastOffset: 3, deliveryCount: 1 }]),
    settings: new RecordSettings({ checkCrcs: true, codecs: nodeCodecs }),
  });
  inHand.add((await part.take(10, true)).hand);
}

const place = (offset: number, partition = 0) => ({ topic: "orders", partition, offset });
const shown = (taken: readonly Acknowledgement[]) =>
  taken.map(({ lease, runs }) => `${lease.partition}: ${runs.map(({ first, type }) => `${first}=${type}`).join(" ")}`);

describe("records in hand", () => {
  it("are accepted all together, partition by partition", async () => {
    const inHand = new InHand();
    await handed(inHand, 0);
    await handed(inHand, 1);
    expect(shown(inHand.take(true))).toEqual(["0: 0=1 1=1 2=1 3=1", "1: 0=1 1=1 2=1 3=1"]);
    expect([shown(inHand.take(true)), inHand.hasUndecided]).toEqual([[], false]);
  });

  it("are decided one by one, otherwise until they are sent; what is undecided stays", async () => {
    const inHand = new InHand();
    await handed(inHand, 0);
    inHand.acknowledge(place(0), "accept");
    inHand.acknowledge(place(2), "reject");
    inHand.acknowledge(place(2), "release");
    expect([shown(inHand.take(false)), inHand.hasUndecided]).toEqual([["0: 0=1 2=2"], true]);
    inHand.acknowledge(place(1), "reject");
    inHand.acknowledge(place(3), "accept");
    expect([inHand.hasUndecided, shown(inHand.take(false))]).toEqual([false, ["0: 1=3 3=1"]]);
  });

  it("renewals go by themselves, and keep their records", async () => {
    const inHand = new InHand();
    await handed(inHand, 0);
    for (const offset of [0, 1, 3]) inHand.acknowledge(place(offset), "accept");
    inHand.acknowledge(place(2), "renew");
    const taken = inHand.take(false);
    expect(shown(taken)).toEqual(["0: 0=1 1=1 3=1", "0: 2=4"]);
    expect(taken.map(({ isRenewal, renewed }) => [isRenewal, renewed?.records.length])).toEqual([
      [false, undefined],
      [true, 1],
    ]);
  });

  it("what is not in hand, sent already, or no way to acknowledge is refused", async () => {
    const inHand = new InHand();
    await handed(inHand, 0);
    expect(() => inHand.acknowledge(place(4), "accept")).toThrow(/is not of the last poll/);
    expect(() => inHand.acknowledge(place(0, 1), "accept")).toThrow(/is not of the last poll/);
    expect(() => inHand.acknowledge(place(0), "drop")).toThrow(/'accept', 'release', 'reject' or 'renew', not drop/);
    inHand.take(true);
    expect(() => inHand.acknowledge(place(0), "accept")).toThrow(/acknowledged already/);
  });
});
