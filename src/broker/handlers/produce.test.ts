import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrokerClient } from "../../../test/support/broker-client.ts";
import { LogStage, nameOf, recordsIn, TOPIC } from "../../../test/support/log-stage.ts";
import { encodeMessageSet, RecordBatch } from "../../protocol/index.ts";
import { brokerCodecs } from "../log/produce/broker-codecs.ts";

let stage: LogStage;

beforeEach(async () => {
  stage = await LogStage.open({ nodes: 3, topics: { [TOPIC]: { partitions: 2, replicationFactor: 3 } } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual({ failures: [], pendingTimers: 0 });
});

async function errorOf(...asked: Parameters<LogStage["produce"]>): Promise<string> {
  return nameOf((await stage.produce(...asked)).errorCode);
}

async function topicIdOf(name: string): Promise<string> {
  return (await stage.client.ask("Metadata", { topics: [{ name }] })).topics[0]!.topicId;
}

/** Partition 0 is led by the node that the stage's client talks to. */
const OTHER_LEADER = 1;

describe("Produce", () => {
  it("unfolds no more than a largest batch and what the request's size allows, however many batches are bombs", async () => {
    const plain = stage.batch(["x".repeat(16 << 20)]);
    const bomb = RecordBatch.encode({
      records: [{ value: "x".repeat(16 << 20), timestamp: stage.clock.now() }],
      compression: "gzip",
      codecs: brokerCodecs,
    });
    const partitionData = Array.from({ length: 20 }, () => ({ index: 0, records: bomb }));
    const body = { acks: -1, timeoutMs: 1000, topicData: [{ name: TOPIC, partitionData }] };
    const { responses } = await stage.client.ask("Produce", body, 9);
    const errors = responses[0]!.partitionResponses.map(({ errorCode }) => nameOf(errorCode));
    const accepted = errors.filter((error) => error === "NONE").length;
    expect(accepted * plain.length).toBeGreaterThan(100 << 20);
    expect(accepted * plain.length).toBeLessThan((128 << 20) + 20 * bomb.length * 64);
    expect(new Set(errors.slice(accepted))).toEqual(new Set(["MESSAGE_TOO_LARGE"]));
    // The next request has its own.
    expect(await errorOf(bomb)).toBe("NONE");
  });

  it.each([3, 5, 8, 12])("v%i appends and says where", async (version) => {
    const answer = await stage.produce(stage.batch(["a", "b"]), { version });
    expect(answer).toMatchObject({
      index: 0,
      errorCode: 0,
      baseOffset: 0,
      logAppendTimeMs: -1,
      logStartOffset: version >= 5 ? 0 : -1,
    });
    expect(recordsIn(await stage.fetchOne())).toEqual(["0:a", "1:b"]);
  });

  it("v13 takes topic ids, and does not know others", async () => {
    const topicId = await topicIdOf(TOPIC);
    const produceTo = async (id: string) => {
      const topicData = [{ topicId: id, partitionData: [{ index: 0, records: stage.batch(["a"]) }] }];
      const [topic] = (await stage.client.ask("Produce", { acks: 1, timeoutMs: 1, topicData }, 13)).responses;
      return [topic!.topicId, nameOf(topic!.partitionResponses[0]!.errorCode)];
    };
    expect(await produceTo(topicId)).toEqual([topicId, "NONE"]);
    expect(await produceTo("AAAAAAAAAAAAAAAAAAABBg")).toEqual(["AAAAAAAAAAAAAAAAAAABBg", "UNKNOWN_TOPIC_ID"]);
  });

  it("answers each partition for itself", async () => {
    const partitionData = [
      { index: 0, records: stage.batch(["a"]) },
      { index: 99, records: stage.batch(["a"]) },
    ];
    const { responses } = await stage.client.ask(
      "Produce",
      { acks: 1, timeoutMs: 1, topicData: [{ name: TOPIC, partitionData }] },
      12,
    );
    expect(responses[0]!.partitionResponses.map(({ index, errorCode }) => [index, nameOf(errorCode)])).toEqual([
      [0, "NONE"],
      [99, "UNKNOWN_TOPIC_OR_PARTITION"],
    ]);
  });

  it("names the new leader and where it is, from v10 on", async () => {
    const { nodes } = stage.broker;
    for (const version of [9, 10]) {
      const topicData = [{ name: TOPIC, partitionData: [{ index: OTHER_LEADER, records: stage.batch(["a"]) }] }];
      const answer = await stage.client.ask("Produce", { acks: 1, timeoutMs: 1, topicData }, version);
      const partition = answer.responses[0]!.partitionResponses[0]!;
      expect(nameOf(partition.errorCode)).toBe("NOT_LEADER_OR_FOLLOWER");
      const isTold = version >= 10;
      expect(partition.currentLeader).toEqual(isTold ? { leaderId: 2, leaderEpoch: 0 } : { leaderId: -1, leaderEpoch: -1 });
      const leader = nodes.find(({ id }) => id === 2)!;
      expect(answer.nodeEndpoints).toEqual(isTold ? [{ nodeId: 2, host: leader.host, port: leader.port, rack: null }] : []);
    }
  });

  it("refuses acks that do not exist", async () => {
    expect(await errorOf(stage.batch(["a"]), { acks: 2 })).toBe("INVALID_REQUIRED_ACKS");
    expect(await errorOf(stage.batch(["a"]), { acks: -2 })).toBe("INVALID_REQUIRED_ACKS");
  });

  it("needs min.insync.replicas for acks -1 only, and never more than there are replicas", async () => {
    stage.broker.createTopic("safe", { partitions: 1, replicationFactor: 2, configs: { "min.insync.replicas": "3" } });
    const leader = (await stage.client.ask("Metadata", { topics: [{ name: "safe" }] })).topics[0]!.partitions[0]!;
    const client = await BrokerClient.connect(stage.broker, { node: leader.leaderId });
    expect(await stage.produce(stage.batch(["a"]), { topic: "safe" }, client)).toMatchObject({ errorCode: 0 });
    await stage.broker.stopNode(leader.replicaNodes.find((id) => id !== leader.leaderId)!);
    const refused = await stage.produce(stage.batch(["a"]), { topic: "safe" }, client);
    expect([nameOf(refused.errorCode), refused.baseOffset, refused.logStartOffset]).toEqual(["NOT_ENOUGH_REPLICAS", -1, 0]);
    expect(await stage.produce(stage.batch(["a"]), { topic: "safe", acks: 1 }, client)).toMatchObject({
      errorCode: 0,
      baseOffset: 1,
    });
  });

  it("gives no answer to acks 0, and hangs up when it fails", async () => {
    const client = await BrokerClient.connect(stage.broker);
    const tell = (index: number) => {
      const topicData = [{ name: TOPIC, partitionData: [{ index, records: stage.batch(["quiet"]) }] }];
      client.tell("Produce", { acks: 0, timeoutMs: 1, topicData }, 9);
    };
    tell(0);
    expect(recordsIn(await stage.fetchOne({}, client))).toEqual(["0:quiet"]);
    expect(client.strays).toEqual([]);
    tell(99);
    await stage.clock.advance(1);
    expect(client.isEnded).toBe(true);
  });

  it("keeps clients out of internal topics", async () => {
    await stage.client.ask("FindCoordinator", { key: "g", keyType: 0 }, 2);
    expect(await errorOf(stage.batch(["a"]), { topic: "__consumer_offsets" })).toBe("INVALID_TOPIC_EXCEPTION");
  });

  it("refuses a transactional batch without a transactional id, and one that no coordinator knows", async () => {
    const batch = stage.batch(["a"], { isTransactional: true, producerId: 904, producerEpoch: 0, baseSequence: 0 });
    expect(await errorOf(batch)).toBe("TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
    expect(await errorOf(batch, { transactionalId: "tx" })).toBe("INVALID_PRODUCER_ID_MAPPING");
  });

  it("says what is wrong with which record, from v8 on (KIP-467)", async () => {
    stage.broker.createTopic("compacted", { partitions: 1, configs: { "cleanup.policy": "compact" } });
    const leader = (await stage.client.ask("Metadata", { topics: [{ name: "compacted" }] })).topics[0]!.partitions[0]!.leaderId;
    const client = await BrokerClient.connect(stage.broker, { node: leader });
    const batch = stage.batch([], { records: [{ key: "k" }, { value: "no key" }] });
    const answer = await stage.produce(batch, { topic: "compacted", version: 8 }, client);
    const message = "Compacted topic cannot accept message without key in topic partition compacted-0";
    expect(answer).toMatchObject({
      baseOffset: -1,
      logStartOffset: 0,
      recordErrors: [{ batchIndex: 1, batchIndexErrorMessage: message }],
    });
    expect(answer.errorMessage).toContain("One or more records have been rejected due to 1 record errors in total");
    const older = await stage.produce(batch, { topic: "compacted", version: 7 }, client);
    expect([nameOf(older.errorCode), older.recordErrors, older.errorMessage]).toEqual(["INVALID_RECORD", [], null]);
  });

  it("refuses the whole request when its bytes do not even begin like a batch, in Kafka's words", async () => {
    const bytes = Uint8Array.from(stage.batch(["a"]));
    new DataView(bytes.buffer).setInt32(8, 13);
    expect(await stage.produce(bytes)).toMatchObject({
      errorCode: 2,
      errorMessage: "Record size 13 is less than the minimum record overhead (14)",
    });
  });
});

describe("Produce faults", () => {
  it("strike one partition, before it is appended to", async () => {
    stage.broker.faults.failNext({
      api: "Produce",
      topic: TOPIC,
      partition: 0,
      error: "KAFKA_STORAGE_ERROR",
      message: "the disk is gone",
    });
    const answer = await stage.produce(stage.batch(["a"]));
    expect([nameOf(answer.errorCode), answer.baseOffset, answer.errorMessage]).toEqual([
      "KAFKA_STORAGE_ERROR",
      -1,
      "the disk is gone",
    ]);
    expect(recordsIn(await stage.fetchOne())).toEqual([]);
    expect(stage.broker.faults.pending).toBe(0);
  });

  it("strike after it was appended: the batch is there, and known when it comes again", async () => {
    stage.broker.faults.failNext({ api: "Produce", topic: TOPIC, partition: 0, error: "REQUEST_TIMED_OUT", afterApply: true });
    const batch = stage.batch(["a"], { producerId: 1, producerEpoch: 0, baseSequence: 0 });
    expect(await errorOf(batch)).toBe("REQUEST_TIMED_OUT");
    expect(await stage.produce(batch)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(recordsIn(await stage.fetchOne())).toEqual(["0:a"]);
  });

  it("name records (KIP-467)", async () => {
    stage.broker.faults.recordErrors({
      topic: TOPIC,
      partition: 0,
      records: [{ batchIndex: 1, message: "too blue" }],
      message: "no blue records",
    });
    expect(await stage.produce(stage.batch(["a", "b"]))).toMatchObject({
      errorCode: 87,
      recordErrors: [{ batchIndex: 1, batchIndexErrorMessage: "too blue" }],
      errorMessage: "no blue records",
    });
  });
});

describe("Produce before version 3", () => {
  it("takes message sets where the release is old enough", async () => {
    const old = await LogStage.open({ asVersion: "3.9" });
    const set = encodeMessageSet({ magic: 1, records: [{ value: "old", timestamp: old.clock.now() }] });
    expect(await old.produce(set, { version: 2 })).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(recordsIn(await old.fetchOne())).toEqual(["0:old"]);
    await old.close();
  });
});
