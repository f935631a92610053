import { afterEach, describe, expect, it } from "vitest";
import { BrokerClient, ConnectionEnded } from "../../../test/support/broker-client.ts";
import { produceRequest } from "../../../test/support/produce.ts";
import { codeOf } from "../error-codes.ts";
import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../index.ts";

interface Setting {
  readonly broker: EmbeddedBroker;
  readonly client: BrokerClient;
  readonly clock: HeldClock;
  /** Of the topic `orders`, which has two partitions. */
  readonly topicId: string;
}

const brokers: EmbeddedBroker[] = [];

async function started(options: EmbeddedBrokerOptions = {}): Promise<Setting> {
  const clock = new HeldClock();
  const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock, topics: { orders: 2 }, ...options });
  brokers.push(broker);
  const client = await BrokerClient.connect(broker);
  const { topics } = await client.ask("Metadata", { topics: [{ name: "orders" }] });
  broker.journal.clear();
  return { broker, client, clock, topicId: topics[0]!.topicId };
}

afterEach(async () => {
  for (const broker of brokers.splice(0)) {
    expect(broker.failures).toEqual([]);
    await broker.close();
  }
});

const values = (broker: EmbeddedBroker, partition = 0): readonly string[] =>
  broker.records("orders", partition).map(({ value }) => Buffer.from(value ?? []).toString());

/** Whether a promise is settled by now; everything that needs no time gets to happen first. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const settle = (): void => {
    pending = false;
  };
  promise.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return pending;
}

describe("an error", () => {
  it("refuses the whole request once, and nothing is carried out", async () => {
    const { broker, client, topicId } = await started();
    const fault = broker.faults.failNext({ api: "Produce", error: "NOT_ENOUGH_REPLICAS" });
    const refused = await client.ask("Produce", produceRequest([{ topicId }, { topicId, partition: 1 }], "a"));
    expect(refused.responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ errorCode }) => errorCode))).toEqual([
      codeOf("NOT_ENOUGH_REPLICAS"),
      codeOf("NOT_ENOUGH_REPLICAS"),
    ]);
    expect(values(broker)).toEqual([]);
    expect(fault.hits).toBe(1);
    const accepted = await client.ask("Produce", produceRequest([{ topicId }], "b"));
    expect(accepted.responses[0]!.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(values(broker)).toEqual(["b"]);
  });

  it("can be aimed at one partition: the others are carried out", async () => {
    const { broker, client, topicId } = await started();
    broker.faults.failNext({ api: "Produce", error: "NOT_LEADER_OR_FOLLOWER", topic: "orders", partition: 1 });
    const { responses } = await client.ask("Produce", produceRequest([{ topicId }, { topicId, partition: 1 }], "a"));
    const codes = responses.flatMap(({ partitionResponses }) =>
      partitionResponses.map(({ index, errorCode }) => [index, errorCode]),
    );
    expect(codes).toEqual([
      [0, 0],
      [1, codeOf("NOT_LEADER_OR_FOLLOWER")],
    ]);
    expect(values(broker, 0)).toEqual(["a"]);
    expect(values(broker, 1)).toEqual([]);
    expect([...broker.journal].map(({ kind, text }) => [kind, text])).toEqual([
      ["request", undefined],
      ["fault", "NOT_LEADER_OR_FOLLOWER for orders-1"],
      ["response", undefined],
    ]);
  });

  it("can come after the request was carried out (P1: applied, but the answer says no)", async () => {
    const { broker, client, topicId } = await started();
    broker.faults.failNext({ api: "Produce", error: "REQUEST_TIMED_OUT", topic: "orders", partition: 0, afterApply: true });
    const { responses } = await client.ask("Produce", produceRequest([{ topicId }], "a"));
    expect(responses[0]!.partitionResponses[0]!.errorCode).toBe(codeOf("REQUEST_TIMED_OUT"));
    expect(values(broker)).toEqual(["a"]);
  });

  it("strikes as often as asked, after letting through what it skips, and only where it is aimed", async () => {
    const { broker, client } = await started({ nodes: 2 });
    const other = await BrokerClient.connect(broker, { node: 2, clientId: "other" });
    broker.faults.failNext({
      api: "ListGroups",
      error: 15,
      node: 2,
      clientId: "other",
      skip: 1,
      times: 2,
    });
    const ask = async (who: BrokerClient): Promise<number> => (await who.ask("ListGroups", {})).errorCode;
    expect(await ask(client)).toBe(0);
    expect([await ask(other), await ask(other), await ask(other), await ask(other)]).toEqual([0, 15, 15, 0]);
    expect(await ask(client)).toBe(0);
  });

  it("waits for its turn behind others of its kind: one of them strikes a request", async () => {
    const { broker, client, topicId } = await started();
    const ask = async (): Promise<number> => (await client.ask("ListGroups", {})).errorCode;
    broker.faults.failNext({ api: "ListGroups", error: 14 });
    broker.faults.failNext({ api: "ListGroups", error: 15 });
    broker.faults.failNext({ api: "ListGroups", error: 16, skip: 3 });
    expect([await ask(), await ask(), await ask(), await ask(), await ask()]).toEqual([14, 15, 0, 16, 0]);
    const produced = async (): Promise<number> => {
      const { responses } = await client.ask("Produce", produceRequest([{ topicId }], "a"));
      return responses[0]!.partitionResponses[0]!.errorCode;
    };
    broker.faults.failNext({ api: "Produce", topic: "orders", partition: 0, error: 6 });
    broker.faults.failNext({ api: "Produce", topic: "orders", partition: 0, error: 7, skip: 1 });
    expect([await produced(), await produced(), await produced()]).toEqual([6, 7, 0]);
    expect(broker.faults.pending).toBe(0);
  });

  it("that holds its answer back is cancelled as a whole", async () => {
    const { broker, client } = await started();
    const fault = broker.faults.failNext({ api: "ListGroups", error: 15, delayMs: 1000 });
    fault.cancel();
    expect(broker.faults.pending).toBe(0);
    expect((await client.ask("ListGroups", {})).errorCode).toBe(0);
    expect(fault.hits).toBe(0);
  });

  it("that can never strike is refused when it is asked for", async () => {
    const { broker } = await started();
    expect(() => broker.faults.failNext({ api: "Prodcue" as "Produce", error: "NONE" })).toThrow("no API called Prodcue");
    expect(() => broker.faults.failNext({ api: "Produce", error: "NOT_LEADER" as "NONE" })).toThrow("no error NOT_LEADER");
    expect(() => broker.faults.failNext({ api: "Produce", error: 4711 })).toThrow("no error 4711");
    expect(() => broker.faults.failNext({ api: "Heartbeat", error: "REBALANCE_IN_PROGRESS", topic: "orders" })).toThrow(
      "Heartbeat cannot fail for a single topic",
    );
    expect(() => broker.faults.disconnect({ partition: 1 })).toThrow("a partition without its topic");
    expect(() => broker.faults.disconnect({ times: 0 })).toThrow("strike 0 times");
    expect(() => broker.faults.disconnect({ api: "ShareFetch" })).toThrow("does not answer ShareFetch");
    expect(() => broker.faults.delay({ delayMs: Number.NaN })).toThrow("a delay cannot be NaN");
    expect(() => broker.faults.throttle({ throttleMs: -1 })).toThrow("a throttle cannot be -1");
    expect(() => broker.faults.dribble({ bytes: 0 })).toThrow("a piece of a frame cannot be 0");
    expect(() => broker.faults.partialFrame({ bytes: -1 })).toThrow("a part of a frame cannot be -1");
    expect(() => broker.faults.frameLength({ length: 2 ** 31 })).toThrow("cannot claim the length 2147483648");
    expect(broker.faults.pending).toBe(0);
  });

  it("has the text that the test gives, for the whole request as for a part of it", async () => {
    const { broker, client } = await started();
    const createTopics = async (): Promise<unknown> => {
      const { topics } = await client.ask("CreateTopics", { topics: [{ name: "new" }], timeoutMs: 100, validateOnly: true });
      return topics.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]);
    };
    broker.faults.failNext({ api: "CreateTopics", error: 44, message: "not on Sundays" });
    expect(await createTopics()).toEqual([[44, "not on Sundays"]]);
    broker.faults.failNext({ api: "CreateTopics", topic: "new", error: 44, message: "not this one" });
    expect(await createTopics()).toEqual([[44, "not this one"]]);
    broker.faults.failNext({ api: "ListGroups", error: 15, message: "nowhere to be put" });
    expect((await client.ask("ListGroups", {})).errorCode).toBe(15);
  });

  it("can object to single records (KIP-467, P21)", async () => {
    const { broker, client, topicId } = await started();
    broker.faults.recordErrors({ topic: "orders", records: [{ batchIndex: 1, message: "too blue" }], message: "one is bad" });
    const { responses } = await client.ask("Produce", produceRequest([{ topicId }], "a", "b"));
    expect(responses[0]!.partitionResponses[0]).toMatchObject({
      errorCode: codeOf("INVALID_RECORD"),
      errorMessage: "one is bad",
      recordErrors: [{ batchIndex: 1, batchIndexErrorMessage: "too blue" }],
    });
    expect(values(broker)).toEqual([]);
  });
});

describe("a lost connection", () => {
  it("before the request is carried out leaves nothing behind", async () => {
    const { broker, client, topicId } = await started();
    broker.faults.disconnect({ api: "Produce" });
    await expect(client.ask("Produce", produceRequest([{ topicId }], "a"))).rejects.toThrow(ConnectionEnded);
    expect(values(broker)).toEqual([]);
  });

  it("after it was carried out loses only the answer", async () => {
    const { broker, client, topicId } = await started();
    broker.faults.disconnect({ api: "Produce", afterApply: true, reset: true });
    await expect(client.ask("Produce", produceRequest([{ topicId }], "a"))).rejects.toThrow("ECONNRESET");
    expect(values(broker)).toEqual(["a"]);
  });

  it("can depend on the topic that a request names by its id", async () => {
    const { broker, client, topicId } = await started({ topics: { orders: 1, other: 1 } });
    broker.faults.disconnect({ api: "Produce", topic: "other" });
    await client.ask("Produce", produceRequest([{ topicId }], "a"));
    const { topics } = await client.ask("Metadata", { topics: [{ name: "other" }] });
    await expect(client.ask("Produce", produceRequest([{ topicId: topics[0]!.topicId }], "a"))).rejects.toThrow(ConnectionEnded);
  });
});

describe("an answer", () => {
  it("that never comes holds up what is behind it, and no other connection", async () => {
    const { broker, client, clock } = await started();
    broker.faults.neverAnswer({ api: "Metadata" });
    const silent = client.ask("Metadata", { topics: [] });
    const behind = client.ask("ApiVersions", {}, 0);
    await clock.advance(3_600_000);
    expect(await isPending(silent)).toBe(true);
    expect(await isPending(behind)).toBe(true);
    const other = await BrokerClient.connect(broker);
    expect((await other.ask("ApiVersions", {}, 0)).errorCode).toBe(0);
    broker.disconnectAll();
    await expect(silent).rejects.toThrow(ConnectionEnded);
    await expect(behind).rejects.toThrow(ConnectionEnded);
  });

  it("comes later by the clock that the test holds", async () => {
    const { broker, client, clock } = await started();
    broker.faults.delay({ api: "Metadata", delayMs: 30_000 });
    const answer = client.ask("Metadata", { topics: [] });
    await clock.advance(29_999);
    expect(await isPending(answer)).toBe(true);
    await clock.advance(1);
    expect((await answer).brokers).toHaveLength(1);
  });

  it("tells the client to be quiet, and then nothing is read from it (KIP-219)", async () => {
    const { broker, client, clock } = await started();
    broker.faults.throttle({ api: "Metadata", throttleMs: 500 });
    expect((await client.ask("Metadata", { topics: [] })).throttleTimeMs).toBe(500);
    const next = client.ask("Metadata", { topics: [] });
    await clock.advance(499);
    expect(await isPending(next)).toBe(true);
    await clock.advance(1);
    expect((await next).throttleTimeMs).toBe(0);
  });

  it("that nobody wants is throttled too: nothing is read for a while after Produce with acks 0", async () => {
    const { broker, client, clock, topicId } = await started();
    broker.faults.throttle({ api: "Produce", throttleMs: 500 });
    client.tell("Produce", { ...produceRequest([{ topicId }], "a"), acks: 0 });
    const next = client.ask("Metadata", { topics: [] });
    await clock.advance(499);
    expect(await isPending(next)).toBe(true);
    expect(values(broker)).toEqual(["a"]);
    await clock.advance(1);
    expect((await next).brokers).toHaveLength(1);
  });

  it("stops in the middle of its frame", async () => {
    const { broker, client } = await started();
    broker.faults.partialFrame({ api: "Metadata", bytes: 7 });
    await expect(client.ask("Metadata", { topics: [] })).rejects.toThrow(ConnectionEnded);
    expect(client.chunks.at(-1)).toHaveLength(7);
  });

  it("comes one byte at a time, and is whole", async () => {
    const { broker, client, clock } = await started();
    broker.faults.dribble({ api: "Metadata", everyMs: 10 });
    const answer = client.ask("Metadata", { topics: [] });
    await clock.advance(60_000);
    expect((await answer).brokers).toHaveLength(1);
    expect(client.chunks.slice(1).every((chunk) => chunk.length === 1)).toBe(true);
  });

  it("is no answer at all: another program's words (C9)", async () => {
    const { broker, client } = await started();
    broker.faults.garbage({ api: "Metadata" });
    await expect(client.ask("Metadata", { topics: [] })).rejects.toThrow(ConnectionEnded);
    expect(Buffer.from(client.strays[0]!).toString()).toContain("HTTP/1.1 400");
  });

  it("carries the id of no request", async () => {
    const { broker, client } = await started();
    broker.faults.wrongCorrelationId({ api: "Metadata", by: 7 });
    const answer = client.ask("Metadata", { topics: [] });
    expect(await isPending(answer)).toBe(true);
    expect(Buffer.from(client.strays[0]!).readInt32BE(4)).toBe(2 + 7);
    broker.disconnectAll();
    await expect(answer).rejects.toThrow(ConnectionEnded);
  });

  it.each([[-1], [0x7fff_ffff]])("claims the length %i", async (length) => {
    const { broker, client } = await started();
    broker.faults.frameLength({ api: "Metadata", length });
    const answer = client.ask("Metadata", { topics: [] });
    expect(await isPending(answer)).toBe(true);
    expect(Buffer.from(client.chunks.at(-1)!).readInt32BE(0)).toBe(length);
    broker.disconnectAll();
    await expect(answer).rejects.toThrow(ConnectionEnded);
  });

  it("comes twice", async () => {
    const { broker, client } = await started();
    broker.faults.duplicateAnswer({ api: "Metadata" });
    await client.ask("Metadata", { topics: [] });
    await expect.poll(() => client.strays.length).toBe(1);
    expect(client.strays).toEqual([client.chunks.at(-2)]);
  });

  it("is what a function says, which may ask the broker first", async () => {
    const { broker, client } = await started();
    const fault = broker.faults.on("Metadata", async (_request, { next, node }) => ({
      ...((await next()) as object),
      clusterId: `made up by ${node}`,
    }));
    expect((await client.ask("Metadata", { topics: [] })).clusterId).toBe("made up by 1");
    expect((await client.ask("Metadata", { topics: [] })).clusterId).toBe("made up by 1");
    fault.cancel();
    expect((await client.ask("Metadata", { topics: [] })).clusterId).toBe(broker.clusterId);
    expect(fault.hits).toBe(2);
  });
});

describe("the cluster", () => {
  it("moves a leader: the old one says so, with the new one's address (KIP-951)", async () => {
    const { broker, client, topicId } = await started({ nodes: 2 });
    const place = { topic: "orders", partition: 0 };
    expect(broker.leaderOf(place)).toBe(1);
    broker.moveLeader(place, 2);
    const { responses, nodeEndpoints } = await client.ask("Produce", produceRequest([{ topicId }], "a"));
    expect(responses[0]!.partitionResponses[0]).toMatchObject({
      errorCode: codeOf("NOT_LEADER_OR_FOLLOWER"),
      currentLeader: { leaderId: 2, leaderEpoch: 1 },
    });
    expect(nodeEndpoints).toMatchObject([{ nodeId: 2, port: broker.nodes[1]!.port }]);
  });

  it("loses a node and gets it back: others lead meanwhile, its connections are cut", async () => {
    const { broker, client } = await started({ nodes: 3 });
    const other = await BrokerClient.connect(broker, { node: 2 });
    await broker.stopNode(1);
    await expect(client.ask("Metadata", { topics: [] })).rejects.toThrow(ConnectionEnded);
    await expect(BrokerClient.connect(broker, { node: 1 })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const without = await other.ask("Metadata", { topics: [{ name: "orders" }] });
    expect(without.brokers.map(({ nodeId }) => nodeId)).toEqual([2, 3]);
    expect(without.topics[0]!.partitions.every(({ leaderId, isrNodes }) => leaderId !== 1 && !isrNodes.includes(1))).toBe(true);
    await broker.startNode(1);
    const back = await (await BrokerClient.connect(broker)).ask("Metadata", { topics: [{ name: "orders" }] });
    expect(back.brokers.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3]);
    expect(back.topics[0]!.partitions.every(({ isrNodes }) => isrNodes.includes(1))).toBe(true);
  });

  it("has a node that does not hear of news (M4: stale metadata)", async () => {
    const { broker, client } = await started({ nodes: 2 });
    broker.freezeMetadata(1);
    broker.moveLeader({ topic: "orders", partition: 0 }, 2);
    const leader = async (): Promise<number> => {
      const { topics } = await client.ask("Metadata", { topics: [{ name: "orders" }] });
      return topics[0]!.partitions.find(({ partitionIndex }) => partitionIndex === 0)!.leaderId;
    };
    expect(await leader()).toBe(1);
    broker.thawMetadata(1);
    expect(await leader()).toBe(2);
  });

  it("loses records in an unclean election: a new epoch begins where the log was cut", async () => {
    const { broker, client, topicId } = await started();
    await client.ask("Produce", produceRequest([{ topicId }], "kept"));
    await client.ask("Produce", produceRequest([{ topicId }], "lost"));
    broker.truncate({ topic: "orders", partition: 0 }, 1);
    await client.ask("Produce", produceRequest([{ topicId }], "new"));
    expect(values(broker)).toEqual(["kept", "new"]);
    const { topics } = await client.ask("OffsetForLeaderEpoch", {
      replicaId: -1,
      topics: [{ topic: "orders", partitions: [{ partition: 0, currentLeaderEpoch: 1, leaderEpoch: 0 }] }],
    });
    expect(topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 1 });
  });

  it("moves a group's coordinator, which loads first", async () => {
    const { broker, client, clock } = await started({ nodes: 2 });
    const from = broker.coordinatorOf("group", "g");
    const to = from === 1 ? 2 : 1;
    broker.moveCoordinator("group", "g", to, { loadingMs: 100 });
    const found = async (): Promise<readonly number[]> => {
      const { coordinators } = await client.ask("FindCoordinator", { keyType: 0, coordinatorKeys: ["g"] });
      return [coordinators[0]!.errorCode, coordinators[0]!.nodeId];
    };
    expect(await found()).toEqual([0, to]);
    const coordinator = await BrokerClient.connect(broker, { node: to });
    const former = await BrokerClient.connect(broker, { node: from });
    const described = (who: BrokerClient): Promise<number> =>
      who.ask("DescribeGroups", { groups: ["g"] }).then(({ groups }) => groups[0]!.errorCode);
    expect(await described(former)).toBe(codeOf("NOT_COORDINATOR"));
    expect(await described(coordinator)).toBe(codeOf("COORDINATOR_LOAD_IN_PROGRESS"));
    await clock.advance(100);
    expect(await described(coordinator)).toBe(codeOf("GROUP_ID_NOT_FOUND"));
  });
});
