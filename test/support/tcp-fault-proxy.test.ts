import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MOST_HELD_BYTES } from "./proxied-connection.ts";
import { TcpFaultProxy } from "./tcp-fault-proxy.ts";

/** A socket whose events can be waited for, whenever they come. */
class WatchedSocket {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  /** The code of its error, or "closed". */
  readonly closed: Promise<string>;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  readonly #waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    let code = "closed";
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      for (const { bytes, resolve } of this.#waiting) if (this.#length >= bytes) resolve();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code ?? error.message;
    });
    this.ended = new Promise((resolve) => socket.once("end", () => resolve()));
    this.closed = new Promise((resolve) => socket.once("close", () => resolve(code)));
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async text(length: number): Promise<string> {
    await new Promise<void>((resolve) => {
      if (this.#length >= length) resolve();
      else this.#waiting.push({ bytes: length, resolve });
    });
    return this.received.toString("latin1");
  }
}

let server: Server;
let proxy: TcpFaultProxy;
const sockets: Socket[] = [];
/** The broker's sides of connections, in their order. */
const brokerSides: WatchedSocket[] = [];
let announce: (() => void) | undefined;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    brokerSides.push(new WatchedSocket(socket));
    announce?.();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  proxy = await TcpFaultProxy.start({
    host: "127.0.0.1",
    port: typeof address === "object" && address !== null ? address.port : 0,
  });
});

afterEach(async () => {
  await proxy.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  brokerSides.length = 0;
  await new Promise((resolve) => server.close(resolve));
});

function dial(): WatchedSocket {
  const socket = connect({ host: proxy.host, port: proxy.port, allowHalfOpen: true });
  sockets.push(socket);
  return new WatchedSocket(socket);
}

/** A connection, seen from both ends. */
async function connected(): Promise<{ client: WatchedSocket; broker: WatchedSocket }> {
  const arrived = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const client = dial();
  await arrived;
  announce = undefined;
  return { client, broker: brokerSides.at(-1)! };
}

describe("TcpFaultProxy", () => {
  it("passes bytes and ends in both directions, each by itself", async () => {
    const { client, broker } = await connected();
    client.socket.end("request");
    await broker.ended;
    expect(await broker.text(7)).toBe("request");
    broker.socket.end("answer");
    expect(await client.text(6)).toBe("answer");
    expect(await client.closed).toBe("closed");
    await proxy.until(({ open }) => open === 0);
    expect(proxy.counts()).toEqual({ accepted: 1, open: 0, bytesToBroker: 7, bytesToClient: 6, heldToBroker: 0, heldToClient: 0 });
  });

  it("hands a slow reader's back-pressure on: it never holds more than it says, and nothing is lost", async () => {
    const { client, broker } = await connected();
    const sent = Buffer.alloc(16 * 1024 * 1024, "0123456789");
    client.socket.pause();
    broker.socket.end(sent);
    // The kernel's buffers are full, and then the proxy's: no more is read from the broker.
    await proxy.until(({ heldToClient }) => heldToClient >= MOST_HELD_BYTES);
    expect(broker.socket.writableLength).toBeGreaterThan(0);
    expect(proxy.counts().heldToClient).toBeLessThan(2 * MOST_HELD_BYTES);
    client.socket.resume();
    await client.ended;
    expect(client.received.equals(sent)).toBe(true);
  });

  it("cut: closes both sides; new connections are welcome", async () => {
    const { client, broker } = await connected();
    proxy.cut();
    await Promise.all([client.ended, broker.ended]);
    await proxy.until(({ open }) => open === 0);
    const next = await connected();
    next.client.socket.write("again");
    expect(await next.broker.text(5)).toBe("again");
    expect(proxy.counts()).toMatchObject({ accepted: 2, open: 1 });
  });

  it("reset: both sides get ECONNRESET", async () => {
    const { client, broker } = await connected();
    proxy.reset();
    expect(await Promise.all([client.closed, broker.closed])).toEqual(["ECONNRESET", "ECONNRESET"]);
  });

  it("reset just after an end: the connection is closed all the same", async () => {
    await connected();
    proxy.halfClose("broker");
    proxy.reset();
    await proxy.close();
    expect(proxy.counts().open).toBe(0);
  });

  it("a reset by one end is a reset for the other", async () => {
    const { client, broker } = await connected();
    broker.socket.resetAndDestroy();
    expect(await client.closed).toBe("ECONNRESET");
    const second = await connected();
    second.client.socket.end();
    await second.broker.ended;
    second.client.socket.resetAndDestroy();
    second.broker.socket.write("to nobody");
    // After an end only a write finds out.
    await proxy.until(({ open }) => open === 0);
  });

  it("a broker that is not there is a reset", async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    await closed;
    expect(await dial().closed).toBe("ECONNRESET");
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  it("black hole: connections live and are made, and nothing passes until it is healed", async () => {
    const { client, broker } = await connected();
    proxy.blackHole();
    client.socket.write("request");
    broker.socket.write("stray");
    await proxy.until(({ heldToBroker, heldToClient }) => heldToBroker === 7 && heldToClient === 5);
    const second = await connected();
    second.client.socket.write("second");
    await proxy.until(({ heldToBroker }) => heldToBroker === 13);
    expect([client.received.length, broker.received.length, second.broker.received.length]).toEqual([0, 0, 0]);
    await proxy.heal();
    expect(await broker.text(7)).toBe("request");
    expect(await client.text(5)).toBe("stray");
    expect(await second.broker.text(6)).toBe("second");
  });

  it("black hole in one direction: requests arrive, answers do not", async () => {
    const { client, broker } = await connected();
    proxy.blackHole("toClient");
    client.socket.write("request");
    expect(await broker.text(7)).toBe("request");
    broker.socket.write("answer");
    await proxy.until(({ heldToClient }) => heldToClient === 6);
    expect(client.received.length).toBe(0);
    await proxy.heal("toClient");
    expect(await client.text(6)).toBe("answer");
  });

  it("black hole: not even the broker's end or death is told", async () => {
    const [ending, dying] = [await connected(), await connected()];
    proxy.blackHole("toClient");
    ending.broker.socket.end("last");
    dying.broker.socket.resetAndDestroy();
    await proxy.until(({ heldToClient }) => heldToClient === 4);
    await dying.broker.closed;
    expect([ending.client.socket.readableEnded, dying.client.socket.destroyed]).toEqual([false, false]);
    await proxy.heal();
    await ending.client.ended;
    expect(ending.client.received.toString()).toBe("last");
    expect(await dying.client.closed).toBe("ECONNRESET");
  });

  it("a full black hole stops reading, as a frozen process does", async () => {
    const { client, broker } = await connected();
    proxy.blackHole("toBroker");
    const sent = Buffer.alloc(16 * 1024 * 1024, "abc");
    client.socket.end(sent);
    await proxy.until(({ heldToBroker }) => heldToBroker >= MOST_HELD_BYTES);
    expect(proxy.counts().heldToBroker).toBeLessThan(2 * MOST_HELD_BYTES);
    expect(client.socket.writableLength).toBeGreaterThan(0);
    await proxy.heal();
    await broker.ended;
    expect(broker.received.equals(sent)).toBe(true);
  });

  it("refuse: new connections get ECONNREFUSED, old ones go on; healed, it listens at its port again", async () => {
    const { client, broker } = await connected();
    proxy.refuse();
    proxy.refuse();
    expect(await dial().closed).toBe("ECONNREFUSED");
    client.socket.write("still here");
    expect(await broker.text(10)).toBe("still here");
    await proxy.heal();
    const next = await connected();
    next.broker.socket.write("welcome");
    expect(await next.client.text(7)).toBe("welcome");
  });

  it("delay: bytes wait for their time, in their order, and go at once when it is healed", async () => {
    const { client, broker } = await connected();
    proxy.delay(3_600_000, "toClient");
    client.socket.write("request");
    expect(await broker.text(7)).toBe("request");
    broker.socket.write("one ");
    await proxy.until(({ heldToClient }) => heldToClient === 4);
    broker.socket.end("two");
    await proxy.until(({ heldToClient }) => heldToClient === 7);
    expect(client.received.length).toBe(0);
    proxy.delay(1, "toClient");
    await client.ended;
    expect(client.received.toString()).toBe("one two");
    await proxy.heal();
  });

  it("throttle: bytes come in small portions, one by one where it is slow enough", async () => {
    const { client, broker } = await connected();
    proxy.throttle(20, "toClient");
    broker.socket.write(Buffer.alloc(10_000, "x"));
    expect(await client.text(1)).toBe("x");
    await proxy.until(({ bytesToClient }) => bytesToClient >= 2);
    expect(proxy.counts().bytesToClient).toBeLessThan(10);
    client.socket.write("the other way is fast");
    expect(await broker.text(21)).toBe("the other way is fast");
    proxy.throttle(100_000, "toClient");
    expect(await client.text(10_000)).toBe("x".repeat(10_000));
  });

  it("throttle: what is waiting goes at once when it is healed", async () => {
    const { client, broker } = await connected();
    proxy.throttle(1e-12);
    broker.socket.write("0123456789");
    expect(await client.text(1)).toBe("0");
    await proxy.heal();
    expect(await client.text(10)).toBe("0123456789");
  });

  it("half-close: the broker seems to have ended its stream, and still gets what the client sends", async () => {
    const { client, broker } = await connected();
    proxy.halfClose("broker");
    await client.ended;
    client.socket.write("still heard");
    expect(await broker.text(11)).toBe("still heard");
    broker.socket.write("not heard");
    client.socket.end();
    await broker.ended;
    broker.socket.end();
    expect(await client.closed).toBe("closed");
    expect(client.received.length).toBe(0);
  });

  it("half-close: the client seems to have ended its stream, and still gets the broker's answer", async () => {
    const { client, broker } = await connected();
    proxy.halfClose("client");
    await broker.ended;
    broker.socket.end("answer");
    await client.ended;
    expect(client.received.toString()).toBe("answer");
  });

  it("refuses conditions that mean nothing", () => {
    expect(() => proxy.delay(-1)).toThrow(RangeError);
    expect(() => proxy.delay(Number.NaN)).toThrow(RangeError);
    expect(() => proxy.throttle(0)).toThrow("blackHole()");
  });

  it("until: gives up with what it has counted", async () => {
    await expect(proxy.until(({ accepted }) => accepted > 0, 5)).rejects.toThrow('"accepted":0');
  });

  it("closed, it leaves no connection and no listener, and may be closed again", async () => {
    const { client, broker } = await connected();
    proxy.blackHole();
    await proxy.close();
    await Promise.all([client.ended, broker.ended]);
    await proxy.close();
    expect(await dial().closed).toBe("ECONNREFUSED");
  });
});
