// What a share consumer makes of brokers that refuse, vanish, answer late or nonsense.

import { describe, expect, it } from "vitest";
import { errorByName, MalformedMessageError, type ShareFetchResponse, UnsupportedVersionError } from "../../src/protocol/index.ts";
import { batchOf } from "../support/fetched-records.ts";
import { answerOf, LOCK_MS, TOPIC_ID } from "../support/share-brokers.ts";
import { shareStage } from "../support/share-stage.ts";

const codeOf = (name: Parameters<typeof errorByName>[0]): number => errorByName(name).code;

/** One partition in an answer to a fetch. */
function partitionAnswer(
  partition: Partial<ShareFetchResponse["responses"][0]["partitions"][0]> & { readonly partitionIndex: number },
): { readonly responses: { readonly topicId: string; readonly partitions: (typeof partition)[] }[] } {
  return { responses: [{ topicId: TOPIC_ID, partitions: [partition] }] };
}

describe("the session of a share consumer", () => {
  it("is opened by epoch 0, takes acknowledgements along, and is closed by -1 with the last of them", async () => {
    const stage = shareStage({ shareAcknowledgementMode: "explicit" }, (brokers) => {
      brokers.give(1, 0, 0, "a", "b");
      brokers.give(1, 0, 2, "c");
    });
    for (const record of await stage.poll()) stage.consumer.acknowledge(record);
    const [c] = await stage.poll();
    stage.consumer.acknowledge(c!, "release");
    await stage.when(stage.consumer.close());
    expect(stage.brokers.takeSeen()).toEqual(["1 fetch 0 [0]", "1 fetch 1 [0:0-1=1]", "1 acknowledge -1 [0:2-2=2]"]);
    expect([stage.told, stage.brokers.beats.at(-1)]).toEqual([["0: 0 1 done", "0: 2 done"], -1]);
  });

  it("is not touched by an acknowledgement of nothing, which is refused", () => {
    const { consumer } = shareStage({ shareAcknowledgementMode: "explicit" });
    for (const record of [undefined, null, 5]) expect(() => consumer.acknowledge(record as never)).toThrow("which record?");
  });

  it("nothing is fetched that nobody waits for", async () => {
    const stage = shareStage({}, (brokers) => brokers.give(1, 0, 0, "a"));
    expect(await stage.polled()).toEqual(["0/0 a"]);
    stage.brokers.takeSeen();
    await stage.brokers.clock.advance(20_000);
    expect(stage.brokers.takeSeen()).toEqual([]);
  });

  it("closing without a word about records releases them: none is accepted, in either mode", async () => {
    const stage = shareStage({}, (brokers) => brokers.give(1, 0, 0, "a"));
    await stage.poll();
    await stage.when(stage.consumer.close());
    expect(stage.brokers.takeSeen()).toEqual(["1 fetch 0 [0]", "1 acknowledge -1 []"]);
  });

  it("forgets partitions that are assigned elsewhere, releases what was not handed out, and says the rest by itself", async () => {
    const stage = shareStage({ maxPollRecords: 1 }, (brokers) => {
      brokers.leaders = [1, 1];
      brokers.assigned = [0, 1];
      brokers.give(1, 0, 0, "a", "b", "c");
    });
    expect(await stage.polled()).toEqual(["0/0 a"]);
    stage.brokers.assigned = [1];
    await stage.brokers.clock.advance(5_000);
    expect(await stage.polled(100)).toEqual([]);
    expect(stage.brokers.takeSeen()).toEqual([
      "1 fetch 0 [0 1]",
      "1 acknowledge 1 [0:1-2=2]",
      "1 acknowledge 2 [0:0-0=1]",
      "1 fetch 3 [] -[0]",
    ]);
  });

  it("that the broker does not know any more is opened anew, and what was locked in it is neither handed out nor acknowledged", async () => {
    const stage = shareStage({ maxPollRecords: 1 }, (brokers) => {
      brokers.give(1, 0, 0, "a", "b");
      brokers.acknowledgements.push({ errorCode: codeOf("SHARE_SESSION_NOT_FOUND") });
    });
    await stage.poll();
    expect(await stage.committed()).toEqual(["0: 0 SHARE_SESSION_NOT_FOUND"]);
    stage.brokers.give(1, 0, 1, "b");
    expect(await stage.polled()).toEqual(["0/1 b"]);
    expect(stage.brokers.takeSeen()).toEqual(["1 fetch 0 [0]", "1 acknowledge 1 [0:0-0=1]", "1 fetch 0 [0]"]);
    expect(stage.warnings).toEqual(["LOCKS_EXPIRED"]);
  });

  it("for which a broker has no room is asked for again, after a pause", async () => {
    const stage = shareStage({}, (brokers) => {
      for (let times = 0; times < 3; times++) brokers.answerFetch(1, { errorCode: codeOf("SHARE_SESSION_LIMIT_REACHED") });
      brokers.give(1, 0, 0, "a");
    });
    expect(await stage.polled(30_000)).toEqual(["0/0 a"]);
    const times = stage.brokers.seen.map(({ atMs }) => atMs);
    expect(times).toHaveLength(4);
    expect(times[3]! - times[0]!).toBeGreaterThan(200);
  });
});

describe("acknowledgements whose answer is lost", () => {
  it("are unknown, and said to be: to commit, and to the callback", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.give(1, 0, 0, "a", "b");
      brokers.acknowledgements.push("hang up");
    });
    await stage.poll();
    expect(await stage.committed()).toEqual(["0: 0 1 ACKNOWLEDGEMENT unknown"]);
    expect(stage.told).toEqual(["0: 0 1 ACKNOWLEDGEMENT unknown"]);
  });

  it("with a fetch are unknown as well, and a warning where nobody listens; the next fetch opens another session", async () => {
    const stage = shareStage({ acknowledgementCommitCallback: undefined }, (brokers) => {
      brokers.give(1, 0, 0, "a");
      brokers.answerFetch(1, "hang up");
      brokers.give(1, 0, 0, "a");
    });
    await stage.poll();
    expect(await stage.polled()).toEqual(["0/0 a"]);
    expect(stage.brokers.takeSeen()).toEqual(["1 fetch 0 [0]", "1 fetch 1 [0:0-0=1]", "1 fetch 0 [0]"]);
    expect(stage.warnings).toEqual(["ACKNOWLEDGEMENT_FAILED"]);
  });

  it("are unknown where the answer leaves their partition out", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.give(1, 0, 0, "a");
      brokers.acknowledgements.push({ responses: [] });
    });
    await stage.poll();
    expect(await stage.committed()).toEqual(["0: 0 ACKNOWLEDGEMENT unknown"]);
  });

  it("are unknown to a commit that does not wait for it, and the callback is told how it ended", async () => {
    const stage = shareStage({ requestTimeoutMs: 10_000 }, (brokers) => {
      brokers.give(1, 0, 0, "a");
      brokers.acknowledgements.push("silence");
    });
    await stage.poll();
    const before = stage.brokers.clock.now();
    expect(await stage.committed(1_000)).toEqual(["0: 0 ACKNOWLEDGEMENT unknown"]);
    expect([stage.brokers.clock.now() - before, stage.told]).toEqual([1_000, []]);
    await stage.brokers.clock.advance(10_000);
    expect(stage.told).toEqual(["0: 0 ACKNOWLEDGEMENT unknown"]);
  });

  it("of a commit that was aborted are told to the callback, or a warning", async () => {
    const stage = shareStage({ acknowledgementCommitCallback: undefined, requestTimeoutMs: 10_000 }, (brokers) => {
      brokers.give(1, 0, 0, "a");
      brokers.acknowledgements.push("silence");
    });
    await stage.poll();
    const { error } = await stage.failureOf(stage.consumer.commit({ signal: AbortSignal.abort(new Error("enough")) }));
    expect(String(error)).toContain("enough");
    await stage.brokers.clock.advance(11_000);
    expect(stage.warnings).toContain("ACKNOWLEDGEMENT_FAILED");
  });

  it("or refused do not cost another partition its own", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.leaders = [1, 2];
      brokers.assigned = [0, 1];
      brokers.give(1, 0, 0, "a");
      brokers.give(2, 1, 7, "b");
    });
    const records = [...(await stage.poll())];
    // Of two brokers one may be later.
    if (records.length === 1) records.push(...(await stage.poll()));
    stage.brokers.give(1, 0, 1, "c");
    stage.brokers.acknowledgements.push("hang up");
    expect(records).toHaveLength(2);
    const results = await stage.committed();
    expect([...stage.told, ...results].some((told) => told.endsWith("done"))).toBe(true);
    expect([...stage.told, ...results].some((told) => told.endsWith("unknown"))).toBe(true);
  });
});

describe("locks of a share consumer", () => {
  it("that ran out while nobody polled are noticed: the records are not handed out", async () => {
    const stage = shareStage({ maxPollRecords: 1 }, (brokers) => brokers.give(1, 0, 0, "a", "b"));
    expect(await stage.polled()).toEqual(["0/0 a"]);
    await stage.brokers.clock.advance(LOCK_MS);
    stage.brokers.give(1, 0, 1, "b");
    expect(await stage.polled()).toEqual(["0/1 b"]);
    expect([stage.warnings, stage.consumer.acquisitionLockTimeoutMs]).toEqual([["LOCKS_EXPIRED"], LOCK_MS]);
  });

  it("are not counted while the broker waits for records, nor by when their answer was read", async () => {
    const stage = shareStage({ maxPollRecords: 1, fetchMaxWaitMs: 25_000 }, (brokers) => {
      brokers.answerAfterMs = 20_000;
      brokers.give(1, 0, 0, "a", "b", "c");
    });
    expect(await stage.polled(29_000)).toEqual(["0/0 a"]);
    await stage.brokers.clock.advance(LOCK_MS - 1_000);
    expect(await stage.polled(0)).toEqual(["0/1 b"]);
    await stage.brokers.clock.advance(2_000);
    expect([await stage.polled(0), stage.warnings]).toEqual([[], ["LOCKS_EXPIRED"]]);
  });

  it("end with the session: what is in hand then is refused at once, without asking anybody", async () => {
    const stage = shareStage({ shareAcknowledgementMode: "explicit" }, (brokers) => {
      brokers.give(1, 0, 0, "a", "b");
      brokers.acknowledgements.push("hang up");
    });
    const [a, b] = await stage.poll();
    stage.consumer.acknowledge(a!);
    expect(await stage.committed()).toEqual(["0: 0 ACKNOWLEDGEMENT unknown"]);
    stage.brokers.takeSeen();
    stage.consumer.acknowledge(b!);
    expect(await stage.committed()).toEqual(["0: 1 ACKNOWLEDGEMENT not sent"]);
    expect(stage.brokers.takeSeen()).toEqual([]);
  });

  it("that the broker says have run out are an error of their partition, with its name", async () => {
    const stage = shareStage({}, (brokers) => {
      brokers.give(1, 0, 0, "a");
      const partitions = [{ partitionIndex: 0, errorCode: codeOf("INVALID_RECORD_STATE"), errorMessage: "too late" }];
      brokers.acknowledgements.push({ responses: [{ topicId: TOPIC_ID, partitions }] });
    });
    await stage.poll();
    const [result] = await stage.when(stage.consumer.commit());
    expect(result?.error).toMatchObject({ code: "INVALID_RECORD_STATE", context: { topic: "orders", partition: 0 } });
    expect(result?.error?.message).toContain("too late");
  });

  it("are renewed by a request of its own, and the record comes again before others", async () => {
    const stage = shareStage({ shareAcknowledgementMode: "explicit" }, (brokers) => brokers.give(1, 0, 0, "a", "b"));
    const [a, b] = await stage.poll();
    stage.consumer.acknowledge(a!, "renew");
    stage.consumer.acknowledge(b!);
    stage.brokers.give(1, 0, 2, "c");
    expect(await stage.committed()).toEqual(["0: 1 done", "0: 0 done"]);
    await stage.brokers.clock.advance(LOCK_MS - 1_000);
    expect(await stage.polled()).toEqual(["0/0 a"]);
    expect(stage.brokers.takeSeen()).toEqual(["1 fetch 0 [0]", "1 renew 1 [0:0-0=4]", "1 acknowledge 2 [0:1-1=1]"]);
    stage.consumer.acknowledge(a!);
    expect(await stage.polled()).toEqual(["0/2 c"]);
  });

  it("that a broker of 4.1 cannot renew are an error that says so, and what else was acknowledged is done", async () => {
    const stage = shareStage({ shareAcknowledgementMode: "explicit" }, (brokers) => {
      brokers.shareVersion = 1;
      brokers.give(1, 0, 0, "a", "b");
    });
    const [a, b] = await stage.poll();
    stage.consumer.acknowledge(a!, "renew");
    stage.consumer.acknowledge(b!);
    const results = await stage.when(stage.consumer.commit());
    expect(results.map(({ error }) => error?.name)).toEqual([undefined, UnsupportedVersionError.name]);
  });

  it("of one record at a time, where a broker of 4.1 locks batches, are refused, not ignored", async () => {
    const stage = shareStage({ shareAcquireMode: "record_limit" }, (brokers) => {
      brokers.shareVersion = 1;
    });
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 5_000 }));
    expect(error).toBeInstanceOf(UnsupportedVersionError);
  });
});

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
