// Version 2 of transactions: what it changes on the wire, and when it is not used. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { GROUP, OFFSETS, transactionalStage, V1, V2 } from "../support/transactional-stage.ts";

describe("version 2 (KIP-890)", () => {
  it("T13: batches add their partitions themselves, and every end brings the next epoch", async () => {
    const stage = await transactionalStage(V2);
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(stage.producer.sendOffsetsToTransaction(OFFSETS, GROUP));
    await stage.when(stage.producer.commitTransaction());
    await stage.goesOn("b");
    const requests = stage.requests();
    expect(requests.filter((request) => request.startsWith("Add"))).toEqual([]);
    expect(
      requests.filter((request) => request.startsWith("Produce")).every((it) => Number(it.slice("Produce v".length)) >= 12),
    ).toBe(true);
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v5 commit", "EndTxn v5 commit"]);
    const [first, second] = stage.inner.wire();
    expect(second).toMatchObject({ producerId: first?.producerId, epoch: (first?.epoch ?? 0) + 1, sequence: 0 });
    expect(stage.requests("InitProducerId").length).toBe(1);
  });

  it("T13: an abort is sent although all records have failed, for the partitions may have been added", async () => {
    const stage = await transactionalStage(V2);
    await stage.begun();
    stage.broker.faults.failNext({ api: "Produce", error: "MESSAGE_TOO_LARGE" });
    await stage.refusalOf(stage.send("a"));
    await stage.when(stage.producer.abortTransaction());
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v5 abort"]);
    await stage.goesOn("b");
    expect(await stage.committed()).toEqual(["b"]);
  });

  it("T13: is not spoken before the cluster has agreed upon it", async () => {
    const stage = await transactionalStage(V1);
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(stage.producer.commitTransaction());
    const version = Number(stage.requests("Produce")[0]?.slice("Produce v".length));
    expect(version).toBeLessThan(12);
    expect(stage.requests("AddPartitionsToTxn").length).toBe(1);
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v4 commit"]);
  });
});

/** What of a broker's ApiVersions answer decides about version 2. */
interface Versions {
  readonly apiKeys: readonly { readonly apiKey: number; readonly maxVersion: number }[];
  readonly finalizedFeatures: readonly { readonly name: string; readonly maxVersionLevel: number }[];
}

const capped =
  (key: number, most: number) =>
  ({ apiKeys, finalizedFeatures }: Versions): Versions => ({
    apiKeys: apiKeys.map((one) => (one.apiKey === key ? { ...one, maxVersion: most } : one)),
    finalizedFeatures,
  });

describe("version 2 (KIP-890) takes a cluster that has agreed upon it, and a coordinator that speaks it", () => {
  it.each<{ lacking: string; change: (answer: Versions) => Versions }>([
    { lacking: "the feature", change: (answer) => ({ ...answer, finalizedFeatures: [] }) },
    {
      lacking: "its level",
      change: ({ apiKeys, finalizedFeatures }) => ({
        apiKeys,
        finalizedFeatures: finalizedFeatures.map((one) => ({ ...one, maxVersionLevel: Math.min(one.maxVersionLevel, 1) })),
      }),
    },
    { lacking: "Produce v12", change: capped(0, 11) },
    { lacking: "EndTxn v5", change: capped(26, 4) },
    { lacking: "TxnOffsetCommit v5", change: capped(28, 4) },
  ])("T13: without $lacking it is not used, though the rest is there", async ({ change }) => {
    const stage = await transactionalStage(V2);
    stage.broker.faults.on("ApiVersions", async (_request, { next }) => {
      const answer = (await next()) as Versions;
      return { ...answer, ...change(answer) };
    });
    await stage.begun();
    await stage.when(stage.send("a"));
    await stage.when(stage.producer.sendOffsetsToTransaction(OFFSETS, GROUP));
    await stage.when(stage.producer.commitTransaction());
    await stage.goesOn("b");
    expect([await stage.committed(), await stage.committedOffset()]).toEqual([["a", "b"], 5]);
    expect(stage.requests("AddPartitionsToTxn")).toHaveLength(2);
    expect(stage.requests("AddOffsetsToTxn")).toHaveLength(1);
    for (const produced of stage.requests("Produce")) expect(Number(produced.slice("Produce v".length))).toBeLessThan(12);
    for (const ended of stage.requests("EndTxn")) expect(ended).toMatch(/^EndTxn v[0-4] commit$/);
  });

  it("T13: an empty transaction is aborted with a request, for the producer need not know whether anything arrived", async () => {
    const stage = await transactionalStage(V2);
    await stage.begun();
    await stage.when(stage.producer.abortTransaction());
    expect(stage.requests("EndTxn")).toEqual(["EndTxn v5 abort"]);
    await stage.goesOn("a");
    expect(await stage.committed()).toEqual(["a"]);
  });
});
