import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";
import { errorByName } from "../../protocol/index.ts";

const UNKNOWN_ID = "abcdefghijklmnopqrstuw";
const UNKNOWN_TOPIC = errorByName("UNKNOWN_TOPIC_OR_PARTITION").code;

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 3, rack: ["a", "b", "c"], topics: { orders: 3 } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

describe("Metadata", () => {
  it("names the nodes that run, with their racks, and one of them as the controller", async () => {
    await stage.broker.stopNode(2);
    const { brokers, controllerId, clusterId } = await stage.client.ask("Metadata", { topics: [] }, 12);
    expect(brokers.map(({ nodeId, rack }) => [nodeId, rack])).toEqual([
      [1, "a"],
      [3, "c"],
    ]);
    expect(brokers.map(({ nodeId }) => nodeId)).toContain(controllerId);
    expect(clusterId).toBe(stage.broker.clusterId);
  });

  it("creates none of the missing topics when they are too many for one request to the controller", async () => {
    const named = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `missing-${index}` }));
    const topicsAfter = async (count: number) => {
      const asked = await stage.client.ask("Metadata", { topics: named(count), allowAutoTopicCreation: true }, 12);
      expect(new Set(asked.topics.map(({ errorCode }) => errorCode))).toEqual(new Set([UNKNOWN_TOPIC]));
      return (await stage.client.ask("Metadata", { topics: null }, 12)).topics.length;
    };
    expect(await topicsAfter(10_001)).toBe(1);
    expect(await topicsAfter(10)).toBe(11);
  });

  it("shows leaders, replicas, in-sync and offline ones after a node went away", async () => {
    await stage.broker.stopNode(2);
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "orders" }] }, 12);
    expect(topics[0]!.partitions[1]).toMatchObject({
      leaderId: 3,
      leaderEpoch: 1,
      replicaNodes: [2, 3, 1],
      isrNodes: [3, 1],
      offlineReplicas: [2],
    });
  });

  it("v0 leaves nodes that do not run out of the replicas, and says so", async () => {
    await stage.broker.stopNode(2);
    const { topics } = await stage.client.ask("Metadata", { topics: [] }, 0);
    const { code } = errorByName("REPLICA_NOT_AVAILABLE");
    expect(topics[0]!.partitions[1]).toMatchObject({ errorCode: code, leaderId: 3, replicaNodes: [3, 1], isrNodes: [3, 1] });
  });

  it("says LEADER_NOT_AVAILABLE of a partition whose replicas are all down", async () => {
    stage.broker.createTopic("lonely", { partitions: 3, replicationFactor: 1 });
    await stage.broker.stopNode(3);
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "lonely" }] }, 12);
    const { code } = errorByName("LEADER_NOT_AVAILABLE");
    expect(topics[0]!.partitions.filter(({ leaderId }) => leaderId === -1).map(({ errorCode }) => errorCode)).toEqual([code]);
  });

  it("without a list of topics shows all, with an empty one none", async () => {
    expect((await stage.client.ask("Metadata", { topics: null }, 12)).topics.map(({ name }) => name)).toEqual(["orders"]);
    expect((await stage.client.ask("Metadata", { topics: [] }, 12)).topics).toEqual([]);
    expect((await stage.client.ask("Metadata", { topics: [] }, 0)).topics.map(({ name }) => name)).toEqual(["orders"]);
  });

  it("from v12 on finds topics by id, and says UNKNOWN_TOPIC_ID of others", async () => {
    const byName = await stage.client.ask("Metadata", { topics: [{ name: "orders" }] }, 12);
    const { topicId } = byName.topics[0]!;
    const { topics } = await stage.client.ask(
      "Metadata",
      {
        topics: [
          { name: null, topicId },
          { name: null, topicId: UNKNOWN_ID },
        ],
      },
      12,
    );
    const { code } = errorByName("UNKNOWN_TOPIC_ID");
    expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ["orders", 0],
      [null, code],
    ]);
  });

  it("v10 has ids in its layout, and refuses them", async () => {
    const { topics, brokers } = await stage.client.ask("Metadata", { topics: [{ name: "orders", topicId: UNKNOWN_ID }] }, 10);
    expect(topics).toMatchObject([{ name: "orders", errorCode: errorByName("INVALID_REQUEST").code }]);
    expect(brokers).toEqual([]);
  });

  it("refuses a topic with neither name nor id as Kafka does", async () => {
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: null }] }, 12);
    expect(topics).toMatchObject([{ name: "", errorCode: -1 }]);
  });

  it("answers a name that comes twice once", async () => {
    expect((await stage.client.ask("Metadata", { topics: [{ name: "orders" }, { name: "orders" }] }, 12)).topics).toHaveLength(1);
  });

  it("tells what the client may do only if it asks", async () => {
    const asked = {
      topics: [{ name: "orders" }],
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
    };
    expect(await stage.client.ask("Metadata", asked, 8)).toMatchObject({
      clusterAuthorizedOperations: 8096,
      topics: [{ topicAuthorizedOperations: 3576 }],
    });
    const silent = await stage.client.ask("Metadata", { topics: [{ name: "orders" }] }, 8);
    expect(silent).toMatchObject({ clusterAuthorizedOperations: -(2 ** 31), topics: [{ topicAuthorizedOperations: -(2 ** 31) }] });
  });
});

describe("automatic creation of topics", () => {
  const ask = (name: string, allowAutoTopicCreation = true, from = stage) =>
    from.client.ask("Metadata", { topics: [{ name }], allowAutoTopicCreation }, 12).then(({ topics }) => topics[0]!);

  it("answers UNKNOWN_TOPIC_OR_PARTITION, and has the topic the next time", async () => {
    expect(await ask("fresh")).toMatchObject({ errorCode: UNKNOWN_TOPIC, partitions: [] });
    expect(await ask("fresh")).toMatchObject({
      errorCode: 0,
      partitions: [{ replicaNodes: [expect.any(Number), expect.any(Number), expect.any(Number)] }],
    });
  });

  it("does not happen when the client forbids it, nor for names that cannot be", async () => {
    expect((await ask("fresh", false)).errorCode).toBe(UNKNOWN_TOPIC);
    expect((await ask("fresh", false)).errorCode).toBe(UNKNOWN_TOPIC);
    expect((await ask("a b")).errorCode).toBe(errorByName("INVALID_TOPIC_EXCEPTION").code);
  });

  it("does not happen when the broker forbids it", async () => {
    const strict = await AdminStage.open({ autoCreateTopics: false });
    expect((await ask("fresh", true, strict)).errorCode).toBe(UNKNOWN_TOPIC);
    expect((await ask("fresh", true, strict)).errorCode).toBe(UNKNOWN_TOPIC);
    await strict.close();
  });

  it("is impossible, though the answer is the same, when there are not enough nodes", async () => {
    const small = await AdminStage.open({ configs: { "default.replication.factor": "2" } });
    expect((await ask("fresh", true, small)).errorCode).toBe(UNKNOWN_TOPIC);
    expect((await ask("fresh", true, small)).errorCode).toBe(UNKNOWN_TOPIC);
    await small.close();
  });

  it("was answered with LEADER_NOT_AVAILABLE by brokers with ZooKeeper", async () => {
    const old = await AdminStage.open({ asVersion: "2.8" });
    const { topics } = await old.client.ask("Metadata", { topics: [{ name: "fresh" }], allowAutoTopicCreation: true }, 9);
    expect(topics[0]!.errorCode).toBe(errorByName("LEADER_NOT_AVAILABLE").code);
    await old.close();
  });
});

describe("a node with a stale view", () => {
  it("names the leaders of then, and does not know topics of later", async () => {
    stage.broker.freezeMetadata(1);
    stage.broker.moveLeader({ topic: "orders", partition: 0 }, 2);
    stage.broker.createTopic("later");
    const stale = await stage.client.ask("Metadata", { topics: null }, 12);
    expect(stale.topics.map(({ name, partitions }) => [name, partitions[0]!.leaderId])).toEqual([["orders", 1]]);
    const fresh = await (await stage.connect(2)).ask("Metadata", { topics: null }, 12);
    expect(fresh.topics.map(({ name, partitions }) => [name, partitions[0]!.leaderId])).toContainEqual(["orders", 2]);
    stage.broker.thawMetadata(1);
    expect((await stage.client.ask("Metadata", { topics: null }, 12)).topics).toHaveLength(2);
  });
});
