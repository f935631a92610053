import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrokerClient } from "../../../test/support/broker-client.ts";
import { LogStage, nameOf, recordsIn, TOPIC } from "../../../test/support/log-stage.ts";
import type { Draft, FetchRequest, FetchResponse } from "../../protocol/index.ts";

let stage: LogStage;

beforeEach(async () => {
  stage = await LogStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

async function errorOf(...asked: Parameters<LogStage["fetchOne"]>): Promise<string> {
  return nameOf((await stage.fetchOne(...asked)).errorCode);
}

/** Lets everything happen that needs no time. */
function settle(): Promise<void> {
  return stage.clock.advance(0);
}

/** A fetch that is expected to wait: whether it has been answered, and its answer. */
async function waiting(ask: Parameters<LogStage["fetch"]>[0], client: BrokerClient) {
  const state: { answer: FetchResponse | undefined; end: unknown } = { answer: undefined, end: undefined };
  const promise = stage.fetch({ maxWaitMs: 500, ...ask }, client).then(
    (answer) => {
      state.answer = answer;
    },
    (error: unknown) => {
      state.end = error;
    },
  );
  await settle();
  return { state, promise };
}

describe("Fetch", () => {
  it.each([4, 7, 11, 12])("v%i returns batches, the high watermark and where the log begins", async (version) => {
    await stage.produce(stage.batch(["a", "b"]));
    const data = await stage.fetchOne({ version });
    expect(recordsIn(data)).toEqual(["0:a", "1:b"]);
    expect(data).toMatchObject({
      errorCode: 0,
      highWatermark: 2,
      lastStableOffset: 2,
      logStartOffset: version >= 5 ? 0 : -1,
      preferredReadReplica: -1,
    });
    expect(data.abortedTransactions).toBeNull();
  });

  it("answers OFFSET_OUT_OF_RANGE before the beginning and behind the end of the log, not at its end", async () => {
    await stage.produce(stage.batch(["a", "b"]));
    await stage.client.ask("DeleteRecords", {
      timeoutMs: 1,
      topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, offset: 1 }] }],
    });
    expect(await errorOf({ fetchOffset: 0 })).toBe("OFFSET_OUT_OF_RANGE");
    expect(await errorOf({ fetchOffset: 3 })).toBe("OFFSET_OUT_OF_RANGE");
    expect(await errorOf({ fetchOffset: -1 })).toBe("OFFSET_OUT_OF_RANGE");
    expect(await errorOf({ fetchOffset: 2 })).toBe("NONE");
    expect(await stage.fetchOne({ fetchOffset: 9 })).toMatchObject({ highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 });
  });

  it("checks the leader epoch that the client believes in", async () => {
    stage.bumpLeaderEpoch();
    expect(await errorOf({ currentLeaderEpoch: 0 })).toBe("FENCED_LEADER_EPOCH");
    expect(await errorOf({ currentLeaderEpoch: 1 })).toBe("NONE");
    expect(await errorOf({ currentLeaderEpoch: 2 })).toBe("UNKNOWN_LEADER_EPOCH");
  });

  it("does not know partitions that are not there", async () => {
    expect(await errorOf({ topic: "none" })).toBe("UNKNOWN_TOPIC_OR_PARTITION");
    expect(await errorOf({ partition: 7 })).toBe("UNKNOWN_TOPIC_OR_PARTITION");
    const topics = [{ topicId: "AAAAAAAAAAAAAAAAAAABBg", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }] }];
    const { responses } = await stage.client.ask(
      "Fetch",
      { maxWaitMs: 0, minBytes: 1, topics, replicaState: { replicaId: -1 } },
      13,
    );
    expect(nameOf(responses[0]!.partitions[0]!.errorCode)).toBe("UNKNOWN_TOPIC_ID");
  });

  it("refuses isolation levels that do not exist as a whole, as Kafka does", async () => {
    const answer = await stage.fetch({ isolationLevel: 9 });
    expect([nameOf(answer.errorCode), nameOf(answer.responses[0]!.partitions[0]!.errorCode)]).toEqual([
      "UNKNOWN_SERVER_ERROR",
      "UNKNOWN_SERVER_ERROR",
    ]);
  });

  it("returns the first batch of all even when it is too large, and then keeps to the limits", async () => {
    await stage.produce(stage.batch(["a".repeat(1000)]));
    await stage.produce(stage.batch(["b".repeat(1000)]), { partition: 1 });
    const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 100 }));
    const fetch = { maxWaitMs: 0, minBytes: 1, maxBytes: 100_000, topics: [{ topic: TOPIC, partitions }] };
    const { responses } = await stage.client.ask("Fetch", fetch, 12);
    expect(responses[0]!.partitions.map(({ records }) => (records?.length ?? 0) > 0)).toEqual([true, false]);
  });

  it("says that the reader's log has gone another way (KIP-595)", async () => {
    await stage.produce(stage.batch(["a", "b"]));
    stage.bumpLeaderEpoch();
    await stage.produce(stage.batch(["c"]));
    expect((await stage.fetchOne({ fetchOffset: 2, lastFetchedEpoch: 0 })).divergingEpoch).toEqual({ epoch: -1, endOffset: -1 });
    expect((await stage.fetchOne({ fetchOffset: 3, lastFetchedEpoch: 0 })).divergingEpoch).toEqual({ epoch: 0, endOffset: 2 });
    expect(await errorOf({ fetchOffset: 3, lastFetchedEpoch: 9 })).toBe("OFFSET_OUT_OF_RANGE");
  });

  it("converts for readers of old formats, where the release is old enough", async () => {
    const old = await LogStage.open({ asVersion: "3.9" });
    await old.produce(old.batch(["a", "b"]));
    await old.produce(old.batch(["c"], { compression: "lz4" }));
    for (const version of [0, 1, 2, 3]) expect(recordsIn(await old.fetchOne({ version }))).toEqual(["0:a", "1:b", "2:c"]);
    expect(recordsIn(await old.fetchOne({ version: 3, fetchOffset: 1 }))).toEqual(["1:b", "2:c"]);
    const cut = await old.fetchOne({ version: 2, partitionMaxBytes: 20 });
    expect(cut.records).toHaveLength(20);
    await old.close();
  });

  it("tells from v16 on where the leader has gone", async () => {
    const cluster = await LogStage.open({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    const { topics } = await cluster.client.ask("Metadata", { topics: [{ name: TOPIC }] });
    cluster.broker.moveLeader({ topic: TOPIC, partition: 0 }, 2);
    const asked = [
      { topicId: topics[0]!.topicId, partitions: [{ partition: 0, currentLeaderEpoch: 0, fetchOffset: 0, partitionMaxBytes: 1 }] },
    ];
    for (const version of [15, 16]) {
      const answer = await cluster.client.ask("Fetch", { maxWaitMs: 0, minBytes: 1, topics: asked }, version);
      const data = answer.responses[0]!.partitions[0]!;
      expect(nameOf(data.errorCode)).toBe("FENCED_LEADER_EPOCH");
      expect(data.currentLeader).toEqual(version === 16 ? { leaderId: 2, leaderEpoch: 1 } : { leaderId: -1, leaderEpoch: -1 });
      expect(answer.nodeEndpoints.map(({ nodeId }) => nodeId)).toEqual(version === 16 ? [2] : []);
    }
    await cluster.close();
  });
});

describe("Fetch of committed records", () => {
  const begun = { producerId: 900, producerEpoch: 0, isTransactional: true };

  it("ends where the first transaction is undecided, and lists those that were aborted", async () => {
    const transactionalId = "tx";
    await stage.client.ask("FindCoordinator", { key: transactionalId, keyType: 1 }, 2);
    const { producerId, producerEpoch } = await stage.client.ask(
      "InitProducerId",
      { transactionalId, transactionTimeoutMs: 60_000 },
      4,
    );
    const topics = [{ name: TOPIC, partitions: [0] }];
    await stage.client.ask(
      "AddPartitionsToTxn",
      {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: topics,
      },
      3,
    );
    await stage.produce(stage.batch(["plain"]));
    const batch = stage.batch(["doomed"], { ...begun, producerId, producerEpoch, baseSequence: 0 });
    expect(await stage.produce(batch, { version: 11, transactionalId })).toMatchObject({ errorCode: 0, baseOffset: 1 });
    const open = await stage.fetchOne({ isolationLevel: 1 });
    expect(recordsIn(open)).toEqual(["0:plain"]);
    expect(open).toMatchObject({ highWatermark: 2, lastStableOffset: 1, abortedTransactions: [] });
    await stage.client.ask("EndTxn", { transactionalId, producerId, producerEpoch, committed: false }, 3);
    await settle();
    const decided = await stage.fetchOne({ isolationLevel: 1 });
    expect(decided).toMatchObject({ highWatermark: 3, lastStableOffset: 3, abortedTransactions: [{ producerId, firstOffset: 1 }] });
    expect((await stage.fetchOne({ isolationLevel: 0 })).abortedTransactions).toBeNull();
    expect((await stage.fetchOne({ isolationLevel: 1, fetchOffset: 3 })).abortedTransactions).toEqual([]);
  });
});

describe("Fetch waits", () => {
  let reader: BrokerClient;

  beforeEach(async () => {
    reader = await BrokerClient.connect(stage.broker);
  });

  it("until its time is up", async () => {
    const { state, promise } = await waiting({}, reader);
    await stage.clock.advance(499);
    expect(state.answer).toBeUndefined();
    await stage.clock.advance(1);
    await promise;
    expect(recordsIn(state.answer!.responses[0]!.partitions[0]!)).toEqual([]);
  });

  it("until there are minBytes, and no longer", async () => {
    const { state, promise } = await waiting({ minBytes: 150 }, reader);
    await stage.produce(stage.batch(["a"]));
    await settle();
    expect(state.answer).toBeUndefined();
    await stage.produce(stage.batch(["b".repeat(100)]));
    await promise;
    expect(recordsIn(state.answer!.responses[0]!.partitions[0]!)[0]).toBe("0:a");
    expect(stage.clock.pendingTimers).toBe(1);
  });

  it("until minBytes are there in what it has begun to read, whole batches or not", async () => {
    await stage.produce(stage.batch(["a".repeat(100)]));
    await stage.produce(stage.batch(["b".repeat(100)]));
    const { state } = await waiting({ minBytes: 250, partitionMaxBytes: 250 }, reader);
    expect(state.answer).toBeDefined();
  });

  it("until the leader moves", async () => {
    const { state, promise } = await waiting({}, reader);
    stage.bumpLeaderEpoch();
    await settle();
    // Without an epoch in the request, nothing has changed for the reader.
    expect(state.answer).toBeUndefined();
    await stage.clock.advance(500);
    await promise;
    const fenced = await waiting({ currentLeaderEpoch: 1 }, reader);
    stage.bumpLeaderEpoch();
    await fenced.promise;
    expect(nameOf(fenced.state.answer!.responses[0]!.partitions[0]!.errorCode)).toBe("FENCED_LEADER_EPOCH");
  });

  it("until the topic is deleted", async () => {
    const { state, promise } = await waiting({}, reader);
    stage.broker.deleteTopic(TOPIC);
    await promise;
    expect(nameOf(state.answer!.responses[0]!.partitions[0]!.errorCode)).toBe("UNKNOWN_TOPIC_OR_PARTITION");
  });

  it("no longer than its connection", async () => {
    const { state } = await waiting({}, reader);
    reader.close();
    await settle();
    expect(state.end).toBeDefined();
    expect(stage.clock.pendingTimers).toBe(0);
  });

  it("not when something is wrong", async () => {
    const { state } = await waiting({ fetchOffset: 77 }, reader);
    expect(state.answer).toBeDefined();
  });
});

describe("Fetch sessions (KIP-227)", () => {
  const both = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1000 }));

  async function fetch(
    sessionId: number,
    sessionEpoch: number,
    body: Draft<FetchRequest> = {},
    version = 12,
  ): Promise<FetchResponse> {
    return stage.client.ask("Fetch", { maxWaitMs: 0, minBytes: 0, sessionId, sessionEpoch, ...body }, version);
  }

  async function opened(): Promise<number> {
    const { sessionId, responses } = await fetch(0, 0, { topics: [{ topic: TOPIC, partitions: both }] });
    expect(responses[0]!.partitions).toHaveLength(2);
    return sessionId;
  }

  const partitionsIn = ({ responses }: FetchResponse) =>
    responses.flatMap(({ partitions }) => partitions.map(({ partitionIndex }) => partitionIndex));

  it("answer only what has changed", async () => {
    const id = await opened();
    expect(id).toBeGreaterThan(0);
    expect(await fetch(id, 1)).toMatchObject({ errorCode: 0, sessionId: id, responses: [] });
    await stage.produce(stage.batch(["a"]), { partition: 1 });
    expect(partitionsIn(await fetch(id, 2))).toEqual([1]);
    // Still not read: the reader has not moved on.
    expect(partitionsIn(await fetch(id, 3))).toEqual([1]);
    const moved = [{ topic: TOPIC, partitions: [{ partition: 1, fetchOffset: 1, partitionMaxBytes: 1000 }] }];
    expect(partitionsIn(await fetch(id, 4, { topics: moved }))).toEqual([]);
  });

  it("serve who had data last of all", async () => {
    const id = await opened();
    await stage.produce(stage.batch(["a"]), { partition: 0 });
    await stage.produce(stage.batch(["b"]), { partition: 1 });
    expect(partitionsIn(await fetch(id, 1, { maxBytes: 1 }))).toEqual([0, 1]);
    const second = await fetch(id, 2, { maxBytes: 1 });
    expect(second.responses.flatMap(({ partitions }) => partitions.map(recordsIn))).toEqual([["0:b"]]);
  });

  it("forget partitions, and end when none is left", async () => {
    const id = await opened();
    await stage.produce(stage.batch(["a"]), { partition: 1 });
    expect(partitionsIn(await fetch(id, 1, { forgottenTopicsData: [{ topic: TOPIC, partitions: [1] }] }))).toEqual([]);
    const last = await fetch(id, 2, { forgottenTopicsData: [{ topic: TOPIC, partitions: [0] }] });
    expect(last).toMatchObject({ errorCode: 0, sessionId: 0, responses: [] });
    expect(nameOf((await fetch(id, 3)).errorCode)).toBe("FETCH_SESSION_ID_NOT_FOUND");
  });

  it("refuse wrong epochs and unknown ids", async () => {
    const id = await opened();
    expect(nameOf((await fetch(id, 2)).errorCode)).toBe("INVALID_FETCH_SESSION_EPOCH");
    expect(nameOf((await fetch(id + 1, 1)).errorCode)).toBe("FETCH_SESSION_ID_NOT_FOUND");
    expect(nameOf((await fetch(id, 1)).errorCode)).toBe("NONE");
    expect(nameOf((await fetch(id, 1)).errorCode)).toBe("INVALID_FETCH_SESSION_EPOCH");
  });

  it("do not change between names and ids", async () => {
    const id = await opened();
    expect(nameOf((await fetch(id, 1, {}, 13)).errorCode)).toBe("FETCH_SESSION_TOPIC_ID_ERROR");
  });

  it("end with a full fetch that names them", async () => {
    const id = await opened();
    expect((await fetch(id, -1, { topics: [{ topic: TOPIC, partitions: both }] })).sessionId).toBe(0);
    expect(nameOf((await fetch(id, 1)).errorCode)).toBe("FETCH_SESSION_ID_NOT_FOUND");
  });

  it("notice by its id that another topic has taken the place of theirs", async () => {
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: TOPIC }] });
    const byId = [{ topicId: topics[0]!.topicId, partitions: both }];
    const { sessionId } = await fetch(0, 0, { topics: byId }, 13);
    stage.broker.deleteTopic(TOPIC);
    const errors = async (epoch: number) =>
      (await fetch(sessionId, epoch, {}, 13)).responses.flatMap(({ partitions }) =>
        partitions.map(({ errorCode }) => nameOf(errorCode)),
      );
    expect(await errors(1)).toEqual(["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_OR_PARTITION"]);
    stage.broker.createTopic(TOPIC, 2);
    expect(await errors(2)).toEqual(["INCONSISTENT_TOPIC_ID", "INCONSISTENT_TOPIC_ID"]);
  });

  it("are not opened when there is no room, and the fetch is answered all the same", async () => {
    const small = await LogStage.open({ configs: { "max.incremental.fetch.session.cache.slots": "1" } });
    const open = async () =>
      (
        await small.client.ask(
          "Fetch",
          { maxWaitMs: 0, minBytes: 0, sessionEpoch: 0, topics: [{ topic: TOPIC, partitions: both }] },
          12,
        )
      ).sessionId;
    expect(await open()).toBeGreaterThan(0);
    expect(await open()).toBe(0);
    // Nobody has used the first one for more than two minutes.
    await small.clock.advance(120_001);
    expect(await open()).toBeGreaterThan(0);
    await small.close();
  });
});

describe("Fetch faults", () => {
  it("strike one partition, at once, and once", async () => {
    await stage.produce(stage.batch(["a"]));
    stage.broker.faults.failNext({ api: "Fetch", topic: TOPIC, partition: 0, error: "KAFKA_STORAGE_ERROR" });
    expect(await errorOf({ maxWaitMs: 500 })).toBe("KAFKA_STORAGE_ERROR");
    expect(await errorOf()).toBe("NONE");
  });
});
