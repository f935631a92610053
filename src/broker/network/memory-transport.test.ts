import { describe, expect, it } from "vitest";
import { HeldClock } from "../held-clock.ts";
import { seededRandom } from "../random.ts";
import type { BrokerSocket } from "./broker-socket.ts";
import { MemoryNetwork } from "./memory-transport.ts";

interface Pair {
  readonly network: MemoryNetwork;
  readonly clock: HeldClock;
  readonly client: BrokerSocket;
  readonly server: BrokerSocket;
}

async function connected(seed = 1): Promise<Pair> {
  const clock = new HeldClock(0);
  const network = new MemoryNetwork(clock, seededRandom(seed));
  const servers: BrokerSocket[] = [];
  await network.listener("127.0.0.1", 9092, (socket) => servers.push(socket)).open();
  const client = await network.connect({ host: "127.0.0.1", port: 9092 });
  return { network, clock, client, server: servers[0]! };
}

function record(socket: BrokerSocket): string[] {
  const seen: string[] = [];
  socket.listen({
    onChunk: (chunk) => seen.push(Buffer.from(chunk).toString()),
    onDrain: () => seen.push("(drain)"),
    onEnd: () => seen.push("(end)"),
    onClose: (error) => seen.push(error === undefined ? "(close)" : `(${(error as NodeJS.ErrnoException).code})`),
  });
  return seen;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe("a connection in memory", () => {
  it("carries bytes in order, both ways, and what was sent before anybody listened", async () => {
    const { clock, client, server } = await connected();
    client.write(bytes("a"));
    client.write(bytes("b"));
    await clock.advance(0);
    const seen = record(server);
    const answers = record(client);
    server.write(bytes("c"));
    await clock.advance(0);
    expect(seen).toEqual(["a", "b"]);
    expect(answers).toEqual(["c"]);
  });

  it("copies what is sent: the sender may use its memory again", async () => {
    const { clock, client, server } = await connected();
    const seen = record(server);
    const memory = bytes("before");
    client.write(memory);
    memory.fill(0);
    await clock.advance(0);
    expect(seen).toEqual(["before"]);
  });

  it("ends after what was sent, and is reset at once", async () => {
    const { clock, client, server } = await connected();
    const seen = record(server);
    client.write(bytes("last words"));
    client.end();
    await clock.advance(0);
    expect(seen).toEqual(["last words", "(end)"]);
    const answers = record(client);
    server.destroy({ reset: true });
    await clock.advance(0);
    expect(answers).toEqual(["(ECONNRESET)"]);
    expect(seen.at(-1)).toBe("(close)");
  });

  it("refuses where nobody listens, as a kernel does", async () => {
    const { network } = await connected();
    await expect(network.connect({ host: "127.0.0.1", port: 1 })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("holds chunks back while their reader pauses, and tells a fast writer to wait", async () => {
    const { clock, client, server } = await connected();
    const writer = record(client);
    const seen = record(server);
    server.pause();
    expect(client.write(new Uint8Array(2 << 20))).toBe(false);
    await clock.advance(0);
    expect(seen).toEqual([]);
    server.resume();
    expect(seen.map((chunk) => chunk.length)).toEqual([2 << 20]);
    expect(writer).toEqual(["(drain)"]);
  });
});

describe("the weather of a network in memory", () => {
  it("makes nobody wait for a reader that is gone, whether it went before the bytes came or after", async () => {
    const { clock, client, server } = await connected();
    const seen = record(server);
    record(client);
    client.pause();
    expect(server.write(new Uint8Array(1_500_000))).toBe(false);
    await clock.advance(0);
    client.destroy();
    expect(seen).toEqual(["(drain)"]);
    server.pause();
    expect(server.write(new Uint8Array(1_500_000))).toBe(false);
    await clock.advance(0);
    expect(seen).toEqual(["(drain)", "(drain)"]);
    server.resume();
    expect(seen).toEqual(["(drain)", "(drain)", "(end)"]);
  });

  it.each([3_600_000, -3_600_000])("delays chunks as before, and in order, when the wall clock jumps by %i ms", async (jumpMs) => {
    const { network, clock, client, server } = await connected();
    network.weather = { latencyMs: [20, 20] };
    const seen = record(server);
    client.write(bytes("before "));
    clock.jump(jumpMs);
    network.weather = { latencyMs: [1, 1] };
    client.write(bytes("after"));
    await clock.advance(20);
    expect(seen.join("")).toBe("before after");
  });

  it("delays chunks, yet keeps them in order within a connection", async () => {
    const { network, clock, client, server } = await connected();
    network.weather = { latencyMs: [5, 50] };
    const seen = record(server);
    for (let index = 0; index < 20; index++) client.write(bytes(`${index} `));
    await clock.advance(4);
    expect(seen).toEqual([]);
    await clock.advance(1000);
    expect(seen.join("")).toBe(Array.from({ length: 20 }, (_, index) => `${index} `).join(""));
  });

  it("lets chunks of different connections overtake each other", async () => {
    const clock = new HeldClock(0);
    const network = new MemoryNetwork(clock, seededRandom(5));
    const arrived: string[] = [];
    await network
      .listener("127.0.0.1", 9092, (socket) =>
        socket.listen({
          onChunk: (chunk) => arrived.push(Buffer.from(chunk).toString()),
          onDrain: () => undefined,
          onEnd: () => undefined,
          onClose: () => undefined,
        }),
      )
      .open();
    network.weather = { latencyMs: [0, 100] };
    for (let index = 0; index < 10; index++) {
      const client = await network.connect({ host: "127.0.0.1", port: 9092 });
      client.write(bytes(String(index)));
    }
    await clock.advance(100);
    expect(arrived).not.toEqual([...arrived].sort());
    expect([...arrived].sort()).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  });

  it("splits chunks without losing a byte", async () => {
    const { network, clock, client, server } = await connected();
    network.weather = { splitChance: 1 };
    const seen = record(server);
    for (let index = 0; index < 50; index++) client.write(bytes("0123456789"));
    await clock.advance(0);
    expect(seen.length).toBeGreaterThan(50);
    expect(seen.join("")).toBe("0123456789".repeat(50));
  });

  it("cuts connections: both ends see a reset, the other one after what came through", async () => {
    const { network, clock, client, server } = await connected();
    network.weather = { cutChance: 1 };
    const seen = record(server);
    const own = record(client);
    client.write(bytes("last"));
    client.write(bytes("never"));
    await clock.advance(0);
    expect(seen).toEqual(["last", "(ECONNRESET)"]);
    expect(own).toEqual(["(ECONNRESET)"]);
  });

  it("is the same for the same seed", async () => {
    const run = async (seed: number): Promise<string[]> => {
      const { network, clock, client, server } = await connected(seed);
      network.weather = { latencyMs: [0, 9], splitChance: 0.5, cutChance: 0.02 };
      const seen = record(server);
      for (let index = 0; index < 40; index++) client.write(bytes(`message ${index};`));
      await clock.advance(1000);
      return seen;
    };
    expect(await run(11)).toEqual(await run(11));
    expect(await run(11)).not.toEqual(await run(12));
  });
});
