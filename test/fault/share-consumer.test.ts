// What becomes of a share consumer's session, its acknowledgements and its locks when brokers refuse, vanish or answer late.

import { describe, expect, it } from "vitest";
import { errorByName, UnsupportedVersionError } from "../../src/protocol/index.ts";
import { LOCK_MS, TOPIC_ID } from "../support/share-brokers.ts";
import { shareStage } from "../support/share-stage.ts";

const codeOf = (name: Parameters<typeof errorByName>[0]): number => errorByName(name).code;

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
