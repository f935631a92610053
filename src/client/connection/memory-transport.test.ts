import { describe, expect, it } from "vitest";
import { HeldClock } from "../../broker/held-clock.ts";
import { Deadline } from "../async/deadline.ts";
import { type MemoryEnd, memoryTransport } from "./memory-transport.ts";
import type { SocketReader, TransportTarget } from "./transport.ts";

type Events = Parameters<MemoryEnd["listen"]>[0];

/** The client's end of a connection in memory, and what the client did to it. */
class End implements MemoryEnd {
  readonly remote = "127.0.0.1:9092";
  readonly written: string[] = [];
  readonly calls: string[] = [];
  events: Events | undefined;

  write(...pieces: readonly Uint8Array[]): boolean {
    this.written.push(Buffer.concat(pieces).toString());
    return false;
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  destroy(options?: { readonly reset?: boolean }): void {
    this.calls.push(options?.reset === true ? "reset" : "destroy");
    this.events?.onClose();
  }

  listen(events: Events): void {
    this.events = events;
  }
}

/** Has room for four bytes at a time. */
class Reader implements SocketReader {
  text = "";
  readonly events: string[] = [];
  onRead: () => void = () => undefined;
  #memory = new Uint8Array(4);

  buffer(): Uint8Array {
    return this.#memory;
  }

  onBytes(count: number): void {
    this.text += Buffer.from(this.#memory.subarray(0, count)).toString();
    this.#memory = new Uint8Array(4);
    this.onRead();
  }

  onDrain(): void {
    this.events.push("drain");
  }

  onClose(error?: Error): void {
    this.events.push(`close ${error?.message ?? ""}`);
  }
}

const clock = new HeldClock();
const target = (signal?: AbortSignal): TransportTarget => {
  return { host: "broker", address: "127.0.0.1", port: 9092, tls: undefined, deadline: new Deadline(clock, 1000, signal) };
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a connection in memory", () => {
  it("gives the reader what it has room for, and the rest after a pause", async () => {
    const [end, reader] = [new End(), new Reader()];
    const socket = await memoryTransport({ connect: () => Promise.resolve(end) }).connect(target(), reader);
    reader.onRead = () => {
      if (reader.text === "01234567") socket.pause();
    };
    end.events!.onChunk(bytes("0123456789ab"));
    expect(reader.text).toBe("01234567");
    reader.onRead = () => undefined;
    socket.resume();
    end.events!.onChunk(bytes("cd"));
    expect(reader.text).toBe("0123456789abcd");
    expect(end.calls).toEqual(["pause", "resume"]);
  });

  it("lets go of memory after write has returned, and passes back-pressure on", async () => {
    const [end, reader] = [new End(), new Reader()];
    const socket = await memoryTransport({ connect: () => Promise.resolve(end) }).connect(target(), reader);
    const order: string[] = [];
    const sent = new Promise<void>((resolve) => {
      const isFree = socket.write([bytes("one "), bytes("two")], (error) => {
        order.push(`sent ${error?.message ?? ""}`);
        resolve();
      });
      order.push(`written ${isFree}`);
    });
    await sent;
    expect(order).toEqual(["written false", "sent "]);
    expect(end.written).toEqual(["one two"]);
    end.events!.onDrain();
    expect(reader.events).toEqual(["drain"]);
  });

  it("ends when the other side ends, and writes nothing afterwards", async () => {
    const [end, reader] = [new End(), new Reader()];
    const socket = await memoryTransport({ connect: () => Promise.resolve(end) }).connect(target(), reader);
    end.events!.onEnd();
    socket.destroy();
    expect(reader.events).toEqual(["close "]);
    const error = await new Promise((resolve) => socket.write([bytes("x")], resolve));
    expect(error).toBeInstanceOf(Error);
    expect(end.written).toEqual([]);
  });

  it("that is refused, takes too long or is not wanted any more fails accordingly, and what comes too late is closed", async () => {
    const refused = memoryTransport({ connect: () => Promise.reject(new Error("connect ECONNREFUSED")) });
    await expect(refused.connect(target(), new Reader())).rejects.toMatchObject({ name: "TransportError", phase: "tcp" });
    const end = new End();
    let arrive: (end: MemoryEnd) => void = () => undefined;
    const slow = memoryTransport({
      connect: () =>
        new Promise((resolve) => {
          arrive = resolve;
        }),
    });
    const connecting = slow.connect(target(), new Reader()).catch((error: unknown) => error);
    await clock.advance(1000);
    expect(await connecting).toMatchObject({ phase: "tcp", message: "connect ETIMEDOUT 127.0.0.1:9092" });
    arrive(end);
    await clock.advance(0);
    expect(end.calls).toEqual(["destroy"]);
    const reason = new Error("enough");
    await expect(slow.connect(target(AbortSignal.abort(reason)), new Reader())).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  it("has no TLS, and says so", async () => {
    const tls = { ca: undefined, checkHostname: true, serverName: undefined };
    const connecting = memoryTransport({ connect: () => Promise.resolve(new End()) }).connect({ ...target(), tls }, new Reader());
    await expect(connecting).rejects.toThrow("a network in memory has no TLS");
  });
});
