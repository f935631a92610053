import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { authority, strangersCertificate } from "../../../test/support/certificates.ts";
import {
  closeLastServer,
  connect,
  failure,
  HOST,
  Inbox,
  latch,
  listen,
  open,
  start,
  trusting,
} from "../../../test/support/tcp-stage.ts";
import type { Clock } from "../async/clock.ts";
import { Deadline } from "../async/deadline.ts";
import { systemRuntime } from "../runtime.ts";
import { tcpTransport } from "./tcp-transport.ts";

describe("a plain socket", () => {
  it("reads into the reader's own memory, and writes pieces in their order", async () => {
    const echo = createServer((socket) => socket.pipe(socket));
    const inbox = new Inbox();
    const socket = await connect(await listen(echo), inbox);
    expect(socket.remote).toMatch(/^127\.0\.0\.1:\d+$/);
    const sent = latch<Error | undefined>();
    socket.write([Buffer.from("one "), Buffer.from("two "), Buffer.from("three")], sent.resolve);
    expect(await sent.promise).toBeUndefined();
    await expect.poll(() => inbox.text).toBe("one two three");
    socket.destroy();
    expect(await inbox.closed).toBeUndefined();
  });

  it("C5: closes when the other end says that it will send no more, without an error", async () => {
    const port = await listen(createServer((socket) => socket.end("bye")));
    const inbox = new Inbox();
    await connect(port, inbox);
    expect(await inbox.closed).toBeUndefined();
    expect(inbox.text).toBe("bye");
  });

  it("C7: closes with the machine's error when the other end resets it", async () => {
    const port = await listen(createServer((socket) => socket.once("data", () => socket.resetAndDestroy())));
    const inbox = new Inbox();
    const socket = await connect(port, inbox);
    socket.write([Buffer.from("x")]);
    expect(await inbox.closed).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
  });

  it("gives what has come before a deadline that passed while the process stood still", async () => {
    const accepted = latch<Socket>();
    const port = await listen(createServer(accepted.resolve));
    const inbox = new Inbox();
    const socket = await connect(port, inbox);
    const peer = await accepted.promise;
    const textWhenDue = latch<string>();
    systemRuntime.clock.schedule(1, () => textWhenDue.resolve(inbox.text));
    peer.write("in time");
    // As when the machine slept, or somebody has computed for long.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    expect(await textWhenDue.promise).toBe("in time");
    socket.destroy();
  });

  it.each([-1, 70_000])("C13: does not throw what Node throws of port %i, which a broker may name", async (port) => {
    await expect(connect(port)).rejects.toMatchObject({ name: "TransportError", phase: "tcp" });
  });

  it("C26: says when the other end does not read, and lets go of memory not before the kernel has it or the socket is gone", async () => {
    const accepted = latch<Socket>();
    const port = await listen(createServer({ pauseOnConnect: true }, accepted.resolve));
    const inbox = new Inbox();
    const socket = await connect(port, inbox);
    const sent: (Error | undefined)[] = [];
    const piece = Buffer.alloc(32 << 20, 7);
    expect(socket.write([piece, piece], (error) => sent.push(error))).toBe(false);
    await accepted.promise;
    await new Promise(setImmediate);
    expect(sent).toEqual([]);
    socket.destroy();
    expect(sent).toEqual([]);
    await inbox.closed;
    expect(sent).toEqual([expect.any(Error)]);
    const late = latch<Error | undefined>();
    socket.write([piece], late.resolve);
    expect(await late.promise).toBeInstanceOf(Error);
  });

  it("C26: goes on when the other end reads again", async () => {
    const accepted = latch<Socket>();
    const port = await listen(createServer({ pauseOnConnect: true }, accepted.resolve));
    const inbox = new Inbox();
    const socket = await connect(port, inbox);
    const sent = latch<Error | undefined>();
    socket.write([Buffer.alloc(16 << 20)], sent.resolve);
    (await accepted.promise).resume();
    expect(await sent.promise).toBeUndefined();
    await expect.poll(() => inbox.drains).toBe(1);
    socket.destroy();
  });

  it("stops reading while its reader pauses", async () => {
    const accepted = latch<Socket>();
    const inbox = new Inbox();
    const socket = await connect(await listen(createServer(accepted.resolve)), inbox);
    socket.pause();
    const peer = await accepted.promise;
    await new Promise<void>((resolve) => peer.write("later", () => resolve()));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(inbox.text).toBe("");
    socket.resume();
    await expect.poll(() => inbox.text).toBe("later");
    socket.destroy();
  });

  it("C1: that is refused says so", async () => {
    const server = createServer();
    const port = await listen(server);
    await closeLastServer();
    expect(await failure(connect(port))).toMatchObject({ name: "TransportError", phase: "tcp", cause: { code: "ECONNREFUSED" } });
  });

  it("that nobody waits for any more is destroyed, and the reason is the caller's", async () => {
    const gone = latch<void>();
    const server = createServer((socket) => socket.on("close", () => gone.resolve()).resume());
    const abort = new AbortController();
    const deadline = new Deadline(systemRuntime.clock, 10_000, abort.signal);
    const tls = trusting(authority);
    const connecting = tcpTransport.connect({ host: HOST, address: HOST, port: await listen(server), tls, deadline }, new Inbox());
    server.on("connection", () => abort.abort(new Error("enough")));
    await expect(connecting).rejects.toThrow("enough");
    await gone.promise;
  });
});

describe("connections that come and go", () => {
  /** The machine's clock, and how many of its timers wait. */
  const waiting = new Set<object>();
  const clock: Clock = {
    now: () => systemRuntime.clock.now(),
    monotonic: () => systemRuntime.clock.monotonic(),
    schedule: (delayMs, run, options) => {
      const token = {};
      waiting.add(token);
      const fire = (): void => {
        waiting.delete(token);
        run();
      };
      const timer = systemRuntime.clock.schedule(delayMs, fire, options);
      return {
        cancel: () => {
          waiting.delete(token);
          timer.cancel();
        },
      };
    },
  };

  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => /^(TCPSocket|TLS)Wrap$/.test(name)).length;

  it("1,000 times leave no sockets and no timers", async () => {
    const { port } = (await start()).nodes[0]!;
    const before = sockets();
    for (let cycle = 0; cycle < 1000; cycle++) (await open(port, undefined, HOST, clock)).close(new Error("over"));
    expect(waiting.size).toBe(0);
    await expect.poll(sockets).toBe(before);
  });

  it("that fail, or that nobody waits for, leave none either", async () => {
    const stalled = await listen(createServer((socket) => socket.resume()));
    const plain = (await start()).nodes[0]!.port;
    const strangers = createTlsServer(strangersCertificate);
    strangers.on("tlsClientError", () => undefined);
    const strange = await listen(strangers);
    const before = sockets();
    for (let cycle = 0; cycle < 20; cycle++) {
      const abort = new AbortController();
      const deadline = new Deadline(clock, 60_000, abort.signal);
      const target = { host: HOST, address: HOST, port: stalled, tls: trusting(authority), deadline };
      const abandoned = failure(tcpTransport.connect(target, new Inbox()));
      await Promise.all([plain, strange].map((port) => failure(open(port, trusting(authority), HOST, clock))));
      abort.abort(new Error("enough"));
      await abandoned;
    }
    expect(waiting.size).toBe(0);
    await expect.poll(sockets).toBe(before);
  });
});
