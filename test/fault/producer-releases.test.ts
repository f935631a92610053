// The same faults with brokers of every release: other versions of Produce, no topic ids, no new leaders in answers.

import { describe, expect, it, onTestFinished, vi } from "vitest";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { releases } from "../../src/protocol/index.ts";
import { producerStage, TOPIC } from "../support/producer-stage.ts";

const FIVE = ["a", "b", "c", "d", "e"];
/** Every record is a batch, and so a request. */
const SINGLY = { batchSize: 0 };
/** Before it, brokers know neither the format of our batches nor producer ids. */
const FIRST = releases.indexOf("0.11");

describe("a broker of release", () => {
  it.each(releases.slice(FIRST))("%s: P12, P14: what is lost, refused or cut off is written once, in order", async (asVersion) => {
    const stage = await producerStage({ asVersion }, SINGLY);
    await stage.begun();
    const { faults } = stage.broker;
    faults.failNext({ api: "Produce", topic: TOPIC, partition: 0, error: "NOT_ENOUGH_REPLICAS" });
    faults.disconnect({ api: "Produce", afterApply: true, skip: 6 });
    await stage.sendAll(...FIVE);
    expect(faults.pending).toBe(0);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
  });

  it.each(releases.slice(FIRST))("%s: P1, P15: the leader moves, without a word where it cannot say so", async (asVersion) => {
    const stage = await producerStage(
      { asVersion, nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } },
      SINGLY,
    );
    await stage.begun();
    const place = { topic: TOPIC, partition: 0 };
    const old = stage.broker.leaderOf(place);
    stage.broker.moveLeader(place, 3 - old);
    await stage.sendAll(...FIVE);
    expect(stage.log()).toEqual(["begun", ...FIVE]);
    expect(stage.told).toEqual(FIVE.map((value, at) => `${value} at ${at + 1}`));
  });

  it.each(releases.slice(0, FIRST))(
    "%s: cannot take our batches: records fail at once, not persisted, and say why",
    async (asVersion) => {
      for (const enableIdempotence of [true, false]) {
        const stage = await producerStage({ asVersion }, { enableIdempotence, requestTimeoutMs: 1000, deliveryTimeoutMs: 5000 });
        await stage.sendAll("a");
        expect(stage.told).toEqual(["a: UNSUPPORTED_VERSION, not persisted"]);
        expect(stage.elapsedMs).toBeLessThan(1000);
      }
    },
  );

  it("2.0: does not know zstd (KIP-110): records fail, not persisted, and say what to do", async () => {
    // It works on another thread, for which a clock that is held does not wait.
    const compress = vi.spyOn(nodeCodecs.zstd, "compressAsync").mockImplementation((bytes) => Promise.resolve(bytes));
    onTestFinished(() => compress.mockRestore());
    const stage = await producerStage({ asVersion: "2.0" }, { compression: "zstd" });
    const { error } = await stage.failureOf(stage.send("a"));
    expect(error).toMatchObject({ code: "UNSUPPORTED_VERSION", verdict: "not persisted" });
    expect(String(error)).toContain("choose another compression");
    expect(stage.wire()).toEqual([]);
  });
});
