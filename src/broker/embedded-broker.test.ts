import { once } from "node:events";
import { createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { askOverTcp } from "../../test/support/ask-over-tcp.ts";
import { BrokerClient, ConnectionEnded } from "../../test/support/broker-client.ts";
import { RawConnection } from "../../test/support/raw-connection.ts";
import { encodeRequest, errorCode, type MetadataResponse, RecordBatch } from "../protocol/index.ts";
import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "./index.ts";

const brokers: EmbeddedBroker[] = [];

async function started(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const broker = await EmbeddedBroker.start(options);
  brokers.push(broker);
  return broker;
}

const inMemory = (options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> =>
  started({ transport: "memory", clock: new HeldClock(), ...options });

afterEach(async () => {
  for (const broker of brokers.splice(0)) {
    expect(broker.failures).toEqual([]);
    await broker.close();
  }
});

async function metadata(broker: EmbeddedBroker, topics: readonly string[] | null = null): Promise<MetadataResponse> {
  const client = await BrokerClient.connect(broker);
  const answer = await client.ask("Metadata", { topics: topics?.map((name) => ({ name })) ?? null, allowAutoTopicCreation: true });
  client.close();
  return answer;
}

/** What a client learns over TCP. */
async function metadataOverTcp({ host, port }: { readonly host: string; readonly port: number }): Promise<MetadataResponse> {
  const connection = await RawConnection.open(host, port);
  const answer = await askOverTcp(connection, "Metadata", 12, { topics: null });
  await connection.close();
  return answer;
}

/** A port behind which the next one is taken, by a server that the caller has to close. */
async function portBeforeATakenOne(): Promise<{ port: number; release: () => Promise<void> }> {
  for (;;) {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port - 1 : 0;
    const release = async (): Promise<void> => {
      taken.close();
      await once(taken, "close");
    };
    if (await isFree(port)) return { port, release };
    await release();
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const outcome = new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  return outcome;
}

/** Of this process: what keeps it alive. Node is done with a handle that was closed one turn of its loop later. */
async function openHandles(): Promise<readonly string[]> {
  await setImmediate();
  await setImmediate();
  const kinds = /^(TCP|TLS)/;
  return process
    .getActiveResourcesInfo()
    .filter((name) => kinds.test(name))
    .toSorted();
}

describe("an embedded broker", () => {
  it("is one node on a free port of the loopback when nothing else is asked for", async () => {
    const broker = await started();
    expect(broker.bootstrapServers).toMatch(/^127\.0\.0\.1:\d+$/);
    const { brokers: nodes, clusterId, controllerId } = await metadataOverTcp(broker.nodes[0]!);
    expect(nodes).toMatchObject([{ nodeId: 1, host: "127.0.0.1", port: broker.nodes[0]!.port, rack: null }]);
    expect([clusterId, controllerId]).toEqual([broker.clusterId, 1]);
    expect(broker.caCertificate).toBeUndefined();
    expect(() => broker.network).toThrow('the broker was not started with transport: "memory"');
  });

  it("has as many nodes as asked for, on successive ports", async () => {
    const { port, release } = await portBeforeATakenOne();
    await release();
    const broker = await started({ nodes: 2, port });
    expect(broker.bootstrapServers).toBe(`127.0.0.1:${port},127.0.0.1:${port + 1}`);
    for (const node of broker.nodes) {
      expect((await metadataOverTcp(node)).brokers.map((one) => [one.nodeId, one.port])).toEqual([
        [1, port],
        [2, port + 1],
      ]);
    }
  });

  it("leaves nothing open when a port is taken", async () => {
    const { port, release } = await portBeforeATakenOne();
    const before = await openHandles();
    await expect(EmbeddedBroker.start({ nodes: 3, port })).rejects.toMatchObject({ code: "EADDRINUSE", port: port + 1 });
    expect(await isFree(port)).toBe(true);
    expect(await openHandles()).toEqual(before);
    await release();
  });

  it("keeps the process alive as any server does, and after its end nothing does", async () => {
    const before = await openHandles();
    const broker = await EmbeddedBroker.start({ nodes: 3, topics: { orders: 1 } });
    expect((await openHandles()).length - before.length).toBe(3);
    const connection = await RawConnection.open("127.0.0.1", broker.nodes[0]!.port);
    const fetch = { api: "Fetch", version: 11, correlationId: 1 } as const;
    const topics = [{ topic: "orders", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }] }];
    // This one waits for an hour.
    const answer = connection.request(encodeRequest(fetch, { maxWaitMs: 3_600_000, minBytes: 1, topics }).subarray(4));
    await broker.journal.waitFor(({ api }) => api === "Fetch");
    await Promise.all([broker.close(), expect(answer).rejects.toThrow("closed the connection")]);
    await broker.close();
    await connection.close();
    await expect.poll(openHandles).toEqual(before);
    expect(broker.nodes.map(({ isRunning }) => isRunning)).toEqual([false, false, false]);
  });

  it("in memory opens no socket", async () => {
    const before = await openHandles();
    const broker = await inMemory({ nodes: 3, topics: { orders: 3 } });
    expect((await metadata(broker)).brokers).toHaveLength(3);
    expect(await openHandles()).toEqual(before);
  });

  it("ends with the block that uses it", async () => {
    let port = 0;
    {
      await using broker = await EmbeddedBroker.start();
      port = broker.nodes[0]!.port;
    }
    expect(await isFree(port)).toBe(true);
  });
});

describe("the options of an embedded broker", () => {
  it("topics: a number of partitions, or that and replicas and configuration", async () => {
    const broker = await inMemory({
      nodes: 3,
      configs: { "num.partitions": "5" },
      topics: {
        orders: 4,
        payments: { partitions: 2, replicationFactor: 2, configs: { "retention.bytes": "1234" } },
        plain: {},
      },
    });
    const { topics } = await metadata(broker);
    const shape = topics.map(({ name, partitions }) => [name, partitions.length, partitions[0]!.replicaNodes.length]);
    expect(shape).toEqual([
      ["orders", 4, 3],
      ["payments", 2, 2],
      ["plain", 5, 3],
    ]);
    const client = await BrokerClient.connect(broker);
    const { results } = await client.ask("DescribeConfigs", {
      resources: [{ resourceType: 2, resourceName: "payments", configurationKeys: ["retention.bytes"] }],
    });
    expect(results[0]!.configs[0]).toMatchObject({ value: "1234", configSource: 1 });
  });

  it.each([
    [undefined, "NONE"],
    [true, "NONE"],
    [false, "UNKNOWN_TOPIC_OR_PARTITION"],
  ])("autoCreateTopics %s: asking for a topic that is not there gives %s in the end", async (autoCreateTopics, error) => {
    const broker = await inMemory(autoCreateTopics === undefined ? {} : { autoCreateTopics });
    await metadata(broker, ["new"]);
    const { topics } = await metadata(broker, ["new"]);
    expect(topics.map(({ errorCode: code }) => errorCode(code).name)).toEqual([error]);
  });

  it("asVersion: offers what that release did", async () => {
    const newest = async (asVersion: "0.11" | "4.4"): Promise<number | undefined> => {
      const client = await BrokerClient.connect(await inMemory({ asVersion }));
      return (await client.ask("ApiVersions", {}, 0)).apiKeys.find(({ apiKey }) => apiKey === 3)?.maxVersion;
    };
    expect([await newest("0.11"), await newest("4.4")]).toEqual([4, 13]);
  });

  it.each([
    ["rack-1", ["rack-1", "rack-1"]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [undefined, [null, null]],
  ])("rack %j: the nodes are in %j", async (rack, racks) => {
    const broker = await inMemory({ nodes: 2, ...(rack === undefined ? {} : { rack }) });
    expect((await metadata(broker)).brokers.map((node) => node.rack)).toEqual(racks);
  });

  it("configs: hold for the cluster", async () => {
    const broker = await inMemory({ configs: { "num.partitions": "7" } });
    await metadata(broker, ["new"]);
    expect((await metadata(broker)).topics[0]!.partitions).toHaveLength(7);
  });

  it("clock: gives every time there is", async () => {
    const broker = await inMemory({ clock: new HeldClock(12_345), topics: { orders: 1 } });
    const client = await BrokerClient.connect(broker);
    const records = RecordBatch.encode({ records: [{ value: "x", timestamp: 1 }] });
    const topicData = [{ name: "orders", partitionData: [{ index: 0, records }] }];
    await client.ask("Produce", { acks: -1, timeoutMs: 1, topicData }, 9);
    expect([...broker.journal].map(({ atMs }) => atMs)).toEqual([12_345, 12_345, 12_345]);
    expect(broker.records("orders", 0)).toHaveLength(1);
  });

  it("seed: the same ids every time, and others from another seed or from none", async () => {
    const idOf = async (options: EmbeddedBrokerOptions): Promise<string> => (await inMemory(options)).clusterId;
    expect(await idOf({ seed: 7 })).toBe(await idOf({ seed: 7 }));
    expect(new Set([await idOf({ seed: 7 }), await idOf({ seed: 8 }), await idOf({}), await idOf({})]).size).toBe(4);
  });

  it("transport memory: connections go through `network`, which refuses what nobody listens at", async () => {
    const broker = await inMemory({ port: 1234, nodes: 2 });
    expect(broker.bootstrapServers).toBe("127.0.0.1:1234,127.0.0.1:1235");
    await expect(broker.network.connect({ host: "127.0.0.1", port: 1236 })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("journal: its limits", async () => {
    const few = await inMemory({ journal: { maxEntries: 2 } });
    await metadata(few);
    expect([few.journal.total >= 3, [...few.journal].length]).toEqual([true, 2]);
    const small = await inMemory({ journal: { maxBytes: 1 } });
    await metadata(small);
    expect(small.journal.requests()).toEqual([]);
  });
});

describe("the nodes of an embedded broker", () => {
  it("come back where they were", async () => {
    const broker = await started({ nodes: 2, topics: { orders: 2 } });
    const [first, second] = broker.nodes;
    const open = await RawConnection.open("127.0.0.1", first!.port);
    await broker.stopNode(1);
    await expect(open.request(Buffer.alloc(8))).rejects.toThrow();
    await expect(RawConnection.open("127.0.0.1", first!.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(broker.nodes.map(({ isRunning }) => isRunning)).toEqual([false, true]);
    expect((await metadataOverTcp(second!)).brokers.map(({ nodeId }) => nodeId)).toEqual([2]);
    // Neither of these does anything a second time.
    await broker.stopNode(1);
    await broker.startNode(1);
    await broker.startNode(1);
    expect(broker.nodes[0]).toEqual({ ...first, isRunning: true });
    expect((await metadataOverTcp(first!)).brokers.map(({ port }) => port)).toEqual([first!.port, second!.port]);
  });

  it("can be cut off from their clients, who may come again", async () => {
    const broker = await inMemory({ nodes: 2 });
    const [one, other] = [await BrokerClient.connect(broker, { node: 1 }), await BrokerClient.connect(broker, { node: 2 })];
    broker.disconnectAll(1);
    await expect.poll(() => one.isEnded).toBe(true);
    expect((await other.ask("Metadata", { topics: [] })).brokers).toHaveLength(2);
    broker.disconnectAll();
    await expect(other.ask("Metadata", { topics: [] })).rejects.toThrow(ConnectionEnded);
    expect((await metadata(broker)).brokers).toHaveLength(2);
  });

  it("that do not exist cannot be stopped, started or asked to lead", async () => {
    const broker = await inMemory({ topics: { orders: 1 } });
    await expect(broker.stopNode(2)).rejects.toThrow("there is no node 2");
    await expect(broker.startNode(0)).rejects.toThrow("there is no node 0");
    expect(() => broker.moveLeader({ topic: "orders", partition: 0 }, 2)).toThrow("node 2 has no replica of orders-0");
    expect(() => broker.leaderOf({ topic: "orders", partition: 1 })).toThrow("topic orders has no partition 1");
    expect(() => broker.records("nothing", 0)).toThrow("there is no topic nothing");
  });

  it("lose what is behind an offset that there can be, and start no more once the broker is closed", async () => {
    const broker = await inMemory({ topics: { orders: 1 } });
    for (const offset of [Number.NaN, -1, 0.5]) {
      expect(() => broker.truncate({ topic: "orders", partition: 0 }, offset)).toThrow(`cannot be truncated to ${offset}`);
    }
    await broker.close();
    await expect(broker.startNode(1)).rejects.toThrow("the broker is closed");
  });
});

describe("topics that come while the broker runs", () => {
  it("are there to be looked at: their ids, leaders and leader epochs", async () => {
    const broker = await inMemory({ nodes: 2, topics: { orders: 2 } });
    const [before] = broker.topics;
    broker.moveLeader({ topic: "orders", partition: 0 }, before?.partitions[0]?.leaderId === 1 ? 2 : 1);
    broker.createTopic("payments");
    const [orders, payments] = broker.topics;
    expect(orders).toMatchObject({ name: "orders", id: before?.id });
    expect(orders?.partitions.map(({ leaderEpoch }) => leaderEpoch)).toEqual([1, 0]);
    expect(payments?.partitions).toEqual([{ leaderId: expect.any(Number), leaderEpoch: 0 }]);
    broker.deleteTopic("orders");
    expect(broker.topics.map(({ name }) => name)).toEqual(["payments"]);
  });

  it("are checked like those to begin with, and never replace another", async () => {
    const broker = await inMemory({ topics: { orders: 1 } });
    broker.createTopic("payments", { partitions: 2, configs: { "cleanup.policy": "compact" } });
    expect((await metadata(broker)).topics.map(({ name }) => name)).toEqual(["orders", "payments"]);
    expect(() => broker.createTopic("orders")).toThrow("there is a topic orders already");
    expect(() => broker.createTopic("other", 0)).toThrow("topic other cannot have 0 partitions");
    expect(() => broker.createTopic("a b")).toThrow("topic name: ");
    expect(() => broker.createTopic("other", { replicationFactor: 2 })).toThrow("cannot have 2 replicas on 1 nodes");
    broker.deleteTopic("orders");
    expect(() => broker.deleteTopic("orders")).toThrow("there is no topic orders");
  });
});
