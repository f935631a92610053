// A consumer whose connections, requests and answers go wrong: what its user gets is the log, each record once and in order. The faults
// are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import type { EmbeddedBroker } from "../../src/broker/index.ts";
import { errorsIn, ofPartition, outcomes, P0, P1, writeSingly } from "../support/consumer-outcomes.ts";
import { consumerStage } from "../support/consumer-stage.ts";

const VALUES = ["a", "b", "c"];
const LOG_0 = ["0/0 a", "0/1 b", "0/2 c"];
const LOG_1 = ["1/0 a", "1/1 b", "1/2 c"];
const QUICK = { requestTimeoutMs: 2000 };

type Api = "ApiVersions" | "Metadata" | "ListOffsets" | "Fetch";
type Faults = EmbeddedBroker["faults"];

type Target = { readonly api: Api; readonly clientId: string; readonly times: number };
type Wrong = readonly [name: string, (faults: Faults, target: Target) => unknown];

function cutOff(faults: Faults, target: Target, then: "reset" | "silence"): unknown {
  // oxlint-disable-next-line unicorn/no-thenable -- the fault's own word for what comes after
  return faults.partialFrame({ ...target, bytes: 20, then });
}

const WRONGS: readonly Wrong[] = [
  ["C5: the connection ends before the request is carried out", (faults, target) => faults.disconnect(target)],
  ["C5: the connection ends instead of the answer", (faults, target) => faults.disconnect({ ...target, afterApply: true })],
  [
    "C7: the connection is reset instead of the answer",
    (faults, target) => faults.disconnect({ ...target, afterApply: true, reset: true }),
  ],
  ["C6: the connection ends inside of the length", (faults, target) => faults.partialFrame({ ...target, bytes: 3 })],
  ["C6: the connection ends inside of the answer", (faults, target) => faults.partialFrame({ ...target, bytes: 20 })],
  ["C7: the connection is reset inside of the answer", (faults, target) => cutOff(faults, target, "reset")],
  ["C8: half an answer, then silence", (faults, target) => cutOff(faults, target, "silence")],
  ["C8: no answer at all", (faults, target) => faults.neverAnswer(target)],
  ["C15: carried out, and no answer", (faults, target) => faults.neverAnswer({ ...target, afterApply: true })],
  ["C15: an answer that comes too late", (faults, target) => faults.delay({ ...target, delayMs: 5000, afterApply: true })],
  [
    "C9: a byte now and then, which would take longer than a request may",
    (faults, target) => faults.dribble({ ...target, everyMs: 200 }),
  ],
  ["C10: byte by byte", (faults, target) => faults.dribble(target)],
  ["C10: in pieces of seven bytes, in time", (faults, target) => faults.dribble({ ...target, bytes: 7, everyMs: 1 })],
  ["C11: a length that is larger than any answer", (faults, target) => faults.frameLength({ ...target, length: 0x7fff_ffff })],
  ["C12: a negative length", (faults, target) => faults.frameLength({ ...target, length: -1 })],
  ["C12: a length that is too short for a header", (faults, target) => faults.frameLength({ ...target, length: 3 })],
  ["C13: bytes that are no answer", (faults, target) => faults.garbage({ ...target, bytes: Uint8Array.of(0x80, 1, 2, 3, 4) })],
  ["C14: the answer to another request", (faults, target) => faults.wrongCorrelationId(target)],
  ["C17: the same answer twice", (faults, target) => faults.duplicateAnswer(target)],
  ["Q1: a broker that wants to be left alone", (faults, target) => faults.throttle({ ...target, throttleMs: 700 })],
];

describe.each<Api>(["ApiVersions", "Metadata", "ListOffsets", "Fetch"])("%s", (api) => {
  it.each(WRONGS)("%s, twice: nothing is lost, doubled or thrown, and nobody waits for long", async (_name, goWrong) => {
    const stage = await consumerStage(QUICK);
    await writeSingly(stage, VALUES, 0);
    await writeSingly(stage, VALUES, 1);
    const startMs = stage.clock.now();
    goWrong(stage.broker.faults, { api, clientId: "test", times: 2 });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 6);
    expect(errorsIn(told)).toEqual([]);
    expect(stage.clock.now() - startMs).toBeLessThan(3 * QUICK.requestTimeoutMs);
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([LOG_0, LOG_1]);
    expect([await stage.consumer.position(P0), await stage.consumer.position(P1)]).toEqual([3, 3]);
    stage.broker.faults.clear();
    await stage.write(["d"]);
    expect(await outcomes(stage, 1)).toEqual(["0/3 d"]);
  });

  it("C13: a web server answers, twice: whoever reads is told, and gets everything when it was a mistake", async () => {
    const stage = await consumerStage(QUICK);
    await writeSingly(stage, VALUES, 0);
    stage.broker.faults.garbage({ api, clientId: "test", times: 2 });
    stage.consumer.assign([P0]);
    const told = await outcomes(stage, 3, { mostPolls: 10 });
    expect(told.filter((one) => !one.startsWith("!"))).toEqual(LOG_0);
    const isStart = api === "ApiVersions" || api === "Metadata";
    expect(new Set(errorsIn(told))).toEqual(new Set([isStart ? "! BOOTSTRAP" : "! CONNECTION"]));
  });
});

describe("a network with weather", () => {
  it.each([1, 2, 3, 4])(
    "C5, C7, C10: chunks are late, in pieces, or the last ones (seed %i): each record once and in order",
    async (seed) => {
      const stage = await consumerStage({ maxPartitionFetchBytes: 600, ...QUICK }, { seed });
      const values = Array.from({ length: 40 }, (_, index) => `v${index}`);
      for (let at = 0; at < values.length; at += 4) {
        await stage.write(values.slice(at, at + 4), { partition: 0 });
        await stage.write(values.slice(at, at + 4), { partition: 1 });
      }
      stage.broker.network.weather = { latencyMs: [0, 40], splitChance: 0.5, cutChance: 0.05 };
      stage.consumer.assign([P0, P1]);
      const told = await outcomes(stage, 80, { maxRecords: 7 });
      stage.broker.network.weather = {};
      expect(errorsIn(told)).toEqual([]);
      for (const partition of [0, 1]) {
        expect(ofPartition(told, partition)).toEqual(values.map((value, offset) => `${partition}/${offset} ${value}`));
      }
    },
  );
});

describe("brokers that go away", () => {
  it("C1, S3: are waited for, not in a hurry, and reading goes on where it was when they are back", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b"]);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 2)).toEqual(["0/0 a", "0/1 b"]);
    await stage.broker.stopNode(1);
    expect(await outcomes(stage, 1, { timeoutMs: 120_000 })).toEqual([]);
    expect(await stage.consumer.position(P0)).toBe(2);
    await stage.broker.startNode(1);
    await stage.write(["c"]);
    expect(await outcomes(stage, 1)).toEqual(["0/2 c"]);
  });

  it("C1: what was fetched before is given while they are away", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1)).toEqual(["0/0 a"]);
    await stage.broker.stopNode(1);
    expect(await outcomes(stage, 2)).toEqual(["0/1 b", "0/2 c"]);
  });

  it("C23: idle connections that brokers close are no error, and come again", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0, P1]);
    const told: string[] = [];
    for (let round = 0; round < 20; round++) {
      stage.broker.disconnectAll();
      await stage.clock.advance(700);
      await stage.write([`v${round}`], { partition: round % 2 });
      told.push(...(await outcomes(stage, 1)));
    }
    expect(told).toEqual(Array.from({ length: 20 }, (_, round) => `${round % 2}/${Math.floor(round / 2)} v${round}`));
  });

  it("C8, M15: one that is silent does not keep those of others from being read", async () => {
    const stage = await consumerStage(QUICK, { nodes: 2, topics: { orders: { partitions: 2, replicationFactor: 1 } } });
    await writeSingly(stage, VALUES, 0);
    await writeSingly(stage, VALUES, 1);
    const silent = stage.broker.leaderOf(P0);
    expect(stage.broker.leaderOf(P1)).not.toBe(silent);
    const silence = stage.broker.faults.neverAnswer({ api: "Fetch", node: silent, times: Number.POSITIVE_INFINITY });
    stage.consumer.assign([P0, P1]);
    const startMs = stage.clock.now();
    expect(await outcomes(stage, 3)).toEqual(LOG_1);
    expect(stage.clock.now() - startMs).toBeLessThan(1000);
    expect(await outcomes(stage, 1, { timeoutMs: 10_000 })).toEqual([]);
    silence.cancel();
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
  });

  it("M15: a bootstrap server that says nothing is left for another", async () => {
    const stage = await consumerStage(QUICK, { nodes: 2, topics: { orders: { partitions: 2, replicationFactor: 2 } } });
    await writeSingly(stage, VALUES, 0);
    stage.broker.faults.neverAnswer({ api: "ApiVersions", clientId: "test", times: 1 });
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
  });

  it("C24, M10: their partitions are read from who leads them then", async () => {
    const stage = await consumerStage({}, { nodes: 3, topics: { orders: { partitions: 2, replicationFactor: 3 } } });
    await writeSingly(stage, VALUES, 0);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
    for (const value of ["d", "e", "f"]) {
      const leader = stage.broker.leaderOf(P0);
      await stage.broker.stopNode(leader);
      await stage.write([value]);
      expect((await outcomes(stage, 1)).map((one) => one.slice(-1))).toEqual([value]);
      await stage.broker.startNode(leader);
    }
    expect(await stage.consumer.position(P0)).toBe(6);
  });
});
