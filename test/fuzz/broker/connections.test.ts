import { afterEach, describe, expect, it } from "vitest";
import { type BrokerSocket, EmbeddedBroker, HeldClock } from "../../../src/broker/index.ts";
import { encodeRequest } from "../../../src/protocol/index.ts";
import { BrokerClient } from "../../support/broker-client.ts";
import { type PreparedBroker, prepareBroker, problemsOfService } from "./prepared-broker.ts";

const open: PreparedBroker[] = [];

async function prepared(): Promise<PreparedBroker> {
  const one = await prepareBroker();
  open.push(one);
  return one;
}

afterEach(async () => {
  for (const one of open.splice(0)) {
    expect(await problemsOfService(one)).toEqual([]);
    await one.broker.close();
    await one.clock.advance(1000);
    expect(one.broker.failures).toEqual([]);
    expect(one.clock.pendingTimers).toBe(0);
  }
});

interface Reader {
  readonly socket: BrokerSocket;
  bytes: number;
}

async function connect({ broker }: PreparedBroker): Promise<Reader> {
  const socket = await broker.network.connect(broker.nodes[0]!);
  const reader = { socket, bytes: 0 };
  const onChunk = (chunk: Uint8Array) => {
    reader.bytes += chunk.length;
  };
  socket.listen({ onChunk, onDrain: () => undefined, onEnd: () => undefined, onClose: () => undefined });
  return reader;
}

const DESCRIBE_BROKER = encodeRequest(
  { api: "DescribeConfigs", version: 4, correlationId: 1, clientId: "slow" },
  {
    resources: [{ resourceType: 4, resourceName: "1", configurationKeys: null }],
    includeSynonyms: true,
    includeDocumentation: true,
  },
);

describe("a client that does not read", () => {
  it("makes the broker stop answering it, not fill its memory; when it reads, it gets everything", async () => {
    const one = await prepared();
    const { clock, broker } = one;
    const reader = await connect(one);
    reader.socket.pause();
    const QUESTIONS = 1000;
    for (let i = 0; i < QUESTIONS; i++) reader.socket.write(DESCRIBE_BROKER);
    await clock.advance(1000);
    const answers = () => broker.journal.responses("DescribeConfigs");
    const size = answers()[0]!.sizeInBytes;
    expect(answers().length * size).toBeLessThan((1 << 20) + 2 * size);
    expect(QUESTIONS * size).toBeGreaterThan(4 << 20);
    reader.socket.resume();
    await clock.advance(1000);
    expect(reader.bytes).toBe(QUESTIONS * size);
  });

  it("may go at any time", async () => {
    const one = await prepared();
    const reader = await connect(one);
    reader.socket.pause();
    for (let i = 0; i < 300; i++) reader.socket.write(DESCRIBE_BROKER);
    await one.clock.advance(1);
    reader.socket.destroy({ reset: true });
    await one.clock.advance(1);
    expect([...one.broker.journal].at(-1)?.kind).toBe("disconnect");
  });
});

describe("connections", () => {
  it("may come and go by the thousands", async () => {
    const one = await prepared();
    const readers: Reader[] = [];
    for (let i = 0; i < 3000; i++) readers.push(await connect(one));
    for (const { socket } of readers) socket.write(DESCRIBE_BROKER.subarray(0, 20));
    await one.clock.advance(1);
    for (const { socket } of readers) socket.end();
    await one.clock.advance(1);
    const ended = [...one.broker.journal].filter(({ kind }) => kind === "disconnect");
    expect(ended).toHaveLength(readers.length);
  });

  it("that end while a request waits leave no timer and no listener of it", async () => {
    const one = await prepared();
    const { clock, broker, known } = one;
    const before = clock.pendingTimers;
    for (let i = 0; i < 20; i++) {
      const client = await BrokerClient.connect(broker);
      const partitions = [{ partition: 0, fetchOffset: 3, partitionMaxBytes: 1000 }];
      const waits = client.ask("Fetch", {
        maxWaitMs: 1e9,
        minBytes: 1e9,
        maxBytes: 1e9,
        topics: [{ topicId: known.topicId, partitions }],
      });
      waits.catch(() => undefined);
      await clock.advance(0);
      expect(clock.pendingTimers).toBe(before + 1);
      if (i % 2 === 0) client.close();
      else broker.disconnectAll();
      await clock.advance(0);
      expect(clock.pendingTimers).toBe(before);
    }
  });
});

it("a journal keeps within its bytes, whatever comes, and says how much it dropped", async () => {
  const clock = new HeldClock();
  const broker = await EmbeddedBroker.start({ transport: "memory", clock, seed: 1, journal: { maxBytes: 50_000 } });
  const client = await BrokerClient.connect(broker);
  const topics = Array.from({ length: 20 }, (_, index) => ({ name: `missing-${index}` }));
  for (let i = 0; i < 500; i++) await client.ask("Metadata", { topics, allowAutoTopicCreation: false });
  const kept = [...broker.journal];
  expect(kept.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)).toBeLessThanOrEqual(50_000);
  expect(kept.length).toBeGreaterThan(10);
  expect(broker.journal.dropped + kept.length).toBe(broker.journal.total);
  expect(broker.journal.total).toBe(1001);
  await broker.close();
  expect(broker.failures).toEqual([]);
});
