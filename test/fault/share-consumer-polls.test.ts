// What polls of a share consumer, its membership and its end make of brokers that refuse, vanish, answer late or nonsense.

import { describe, expect, it } from "vitest";
import { errorByName, MalformedMessageError, type ShareFetchResponse, UnsupportedVersionError } from "../../src/protocol/index.ts";
import { batchOf } from "../support/fetched-records.ts";
import { answerOf, TOPIC_ID } from "../support/share-brokers.ts";
import { shareStage } from "../support/share-stage.ts";

const codeOf = (name: Parameters<typeof errorByName>[0]): number => errorByName(name).code;

/** One partition in an answer to a fetch. */
function partitionAnswer(
  partition: Partial<ShareFetchResponse["responses"][0]["partitions"][0]> & { readonly partitionIndex: number },
): { readonly responses: { readonly topicId: string; readonly partitions: (typeof partition)[] }[] } {
  return { responses: [{ topicId: TOPIC_ID, partitions: [partition] }] };
}

describe("polls of a share consumer", () => {
  it("M1, KIP-951: a leader that has moved is asked at once, and the old one is told what it has locked", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.give(1, 0, 0, "a");
      const currentLeader = { leaderId: 2, leaderEpoch: 2 };
      const error = { partitionIndex: 0, errorCode: codeOf("NOT_LEADER_OR_FOLLOWER"), currentLeader };
      brokers.answerFetch(1, { ...partitionAnswer(error), nodeEndpoints: [{ nodeId: 2, host: "node", port: 9093 }] });
      brokers.give(2, 0, 1, "b");
    });
    await stage.poll();
    stage.brokers.leaders = [2];
    stage.brokers.leaderEpoch = 2;
    const startMs = stage.brokers.clock.monotonic();
    expect(await stage.polled()).toEqual(["0/1 b"]);
    expect(stage.brokers.clock.monotonic() - startMs).toBeLessThan(50);
    expect(stage.brokers.takeSeen()).toEqual(["1 fetch 0 [0]", "1 fetch 1 [0:0-0=1]", "2 fetch 0 [0]"]);
    expect(stage.told).toEqual(["0: 0 done"]);
  });

  it("go on past brokers that are gone for a while, and end in time where they stay away", async () => {
    const stage = shareStage({}, (brokers) => {
      for (let times = 0; times < 3; times++) brokers.answerFetch(1, "hang up");
      brokers.give(1, 0, 0, "a");
    });
    expect(await stage.polled(30_000)).toEqual(["0/0 a"]);
    stage.brokers.answerFetch(1, "silence");
    const startMs = stage.brokers.clock.monotonic();
    expect(await stage.polled(2_000)).toEqual([]);
    expect(stage.brokers.clock.monotonic() - startMs).toBe(2_000);
  });

  it("a broker that answers at once and with nothing is not asked without end", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.emptyAfterMs = 0;
    });
    expect(await stage.polled(10_000)).toEqual([]);
    expect(stage.brokers.seen.length).toBeLessThan(40);
  });

  it("are woken, aborted and refused a second one, and nothing is lost by it", async () => {
    const stage = shareStage({ fetchMaxWaitMs: 5_000 });
    const waiting = stage.consumer.poll({ timeoutMs: 60_000 });
    await expect(stage.consumer.poll()).rejects.toMatchObject({ code: "ILLEGAL_STATE" });
    await stage.brokers.clock.advance(100);
    stage.consumer.wakeup();
    expect((await stage.failureOf(waiting)).error).toMatchObject({ code: "WAKEUP" });
    const controller = new AbortController();
    const aborted = stage.consumer.poll({ timeoutMs: 60_000, signal: controller.signal });
    controller.abort(new Error("enough"));
    expect(String((await stage.failureOf(aborted)).error)).toContain("enough");
    stage.brokers.give(1, 0, 0, "a");
    expect(await stage.polled(20_000)).toEqual(["0/0 a"]);
  });

  it("ranges that cannot be are an error, not records", async () => {
    const stage = shareStage({}, (brokers) => {
      const ranges = [
        { firstOffset: 5, lastOffset: 9, deliveryCount: 1 },
        { firstOffset: 0, lastOffset: 7, deliveryCount: 1 },
      ];
      brokers.answerFetch(1, answerOf(0, batchOf(0, ["a"]), ranges));
    });
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 5_000 }));
    expect(error).toBeInstanceOf(MalformedMessageError);
  });

  it("a range of more offsets than there are records costs no more than its records", async () => {
    const stage = shareStage({}, (brokers) => {
      const all = [{ firstOffset: 0, lastOffset: Number.MAX_SAFE_INTEGER - 1, deliveryCount: 1 }];
      brokers.answerFetch(1, answerOf(0, Buffer.concat([batchOf(3, ["a"]), batchOf(2_000_000_000, ["b"])]), all));
    });
    expect(await stage.polled()).toEqual(["0/3 a", "0/2000000000 b"]);
    expect(await stage.committed()).toEqual(["0: 3 2000000000 done"]);
    expect(stage.brokers.takeSeen().at(-1)).toBe(
      `1 acknowledge 1 [0:0-2=0,3-3=1,4-1999999999=0,2000000000-2000000000=1,2000000001-${Number.MAX_SAFE_INTEGER - 1}=2]`,
    );
  });

  it("what only a person can mend is told by each poll, and the consumer stays usable", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.answerFetch(1, partitionAnswer({ partitionIndex: 0, errorCode: codeOf("TOPIC_AUTHORIZATION_FAILED") }));
      brokers.give(1, 0, 0, "a");
    });
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 5_000 }));
    expect(error).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED" });
    expect(await stage.polled()).toEqual(["0/0 a"]);
  });
});

describe("metrics of a share consumer", () => {
  it("count what was handed out and what became of acknowledgements", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.give(1, 0, 0, "a", "b");
      brokers.give(1, 0, 2, "c");
    });
    await stage.poll();
    await stage.poll();
    stage.brokers.acknowledgements.push("hang up");
    await stage.committed();
    const metrics = stage.consumer.metrics();
    expect(metrics["consumer-share-fetch-manager-metrics"]).toMatchObject({
      "fetch-total": 2,
      "records-consumed-total": 3,
      "acknowledgements-send-total": 3,
      "acknowledgements-error-total": 1,
      "buffered-bytes": 0,
    });
    expect(metrics["consumer-share-metrics"]).toMatchObject({ "assigned-partitions": 1 });
  });
});

describe("membership of a share consumer", () => {
  it("G24: who is forgotten joins again, and reads on", async () => {
    const stage = shareStage({}, (brokers) => brokers.give(1, 0, 0, "a"));
    await stage.poll();
    stage.brokers.heartbeats.push({ errorCode: codeOf("UNKNOWN_MEMBER_ID") });
    await stage.brokers.clock.advance(6_000);
    stage.brokers.give(1, 0, 1, "b");
    expect(await stage.polled()).toEqual(["0/1 b"]);
    expect(stage.brokers.beats.slice(0, 3)).toEqual([0, 1, 0]);
  });

  it("G11: who does not poll leaves, says so, and is back with the next poll", async () => {
    const stage = shareStage({ maxPollIntervalMs: 20_000 }, (brokers) => brokers.give(1, 0, 0, "a"));
    await stage.poll();
    await stage.brokers.clock.advance(30_000);
    expect([stage.brokers.beats.at(-1), stage.warnings]).toEqual([-1, ["POLL_INTERVAL_EXCEEDED"]]);
    stage.brokers.give(1, 0, 1, "b");
    expect(await stage.polled()).toEqual(["0/1 b"]);
  });

  it("who waits in a poll for longer than that is not away", async () => {
    const stage = shareStage({ maxPollIntervalMs: 20_000 });
    expect(await stage.polled(120_000)).toEqual([]);
    expect([stage.brokers.beats.includes(-1), stage.warnings]).toEqual([false, []]);
  });

  it("G26: brokers without share groups are an error of the poll, not of nobody", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.shareVersion = 0;
    });
    const { error, tookMs } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 60_000 }));
    expect(error).toBeInstanceOf(UnsupportedVersionError);
    expect(tookMs).toBeLessThan(1_000);
  });
});

describe("closing a share consumer", () => {
  it("ends in time where a broker is silent, and what it was to be told is unknown", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.give(1, 0, 0, "a");
      brokers.acknowledgements.push("silence");
    });
    await stage.poll();
    void stage.consumer.commit();
    const startMs = stage.brokers.clock.monotonic();
    await stage.when(stage.consumer.close({ timeoutMs: 1_000 }));
    expect(stage.brokers.clock.monotonic() - startMs).toBeLessThanOrEqual(1_000);
    expect(stage.told).toEqual(["0: 0 ACKNOWLEDGEMENT unknown"]);
  });

  it("ends a poll, and refuses what comes later; twice is once", async () => {
    const stage = shareStage();
    const waiting = stage.consumer.poll({ timeoutMs: 60_000 });
    const closed = Promise.all([stage.consumer.close(), stage.consumer.close()]);
    expect((await stage.failureOf(waiting)).error).toMatchObject({ code: "CLOSED" });
    await stage.when(closed);
    await expect(stage.consumer.poll()).rejects.toMatchObject({ code: "CLOSED" });
    await expect(stage.consumer.commit()).rejects.toMatchObject({ code: "CLOSED" });
  });
});
