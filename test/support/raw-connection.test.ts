import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { RawConnection } from "./raw-connection.ts";

let server: Server | undefined;
afterEach(() => server?.close());

/** Listens, and gives each chunk that arrives to the function. */
async function listen(onData: (chunk: Buffer, socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => onData(chunk, socket));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("RawConnection", () => {
  it("adds the length to a request and takes it from the answer, whatever the chunks", async () => {
    const port = await listen((chunk, socket) => {
      for (const byte of chunk) socket.write(Uint8Array.of(byte));
    });
    const connection = await RawConnection.open("127.0.0.1", port);
    const answers = await Promise.all(
      [Uint8Array.of(1, 2, 3), new Uint8Array(), Uint8Array.of(9)].map((it) => connection.request(it)),
    );
    expect(answers).toEqual([Uint8Array.of(1, 2, 3), new Uint8Array(), Uint8Array.of(9)]);
    await connection.close();
  });

  it("rejects everything pending when one answer is late, and what is asked afterwards", async () => {
    const port = await listen(() => {});
    const connection = await RawConnection.open("127.0.0.1", port, { timeoutMs: 20 });
    const asked = [connection.request(Uint8Array.of(1)), connection.request(Uint8Array.of(2))];
    for (const promise of asked) await expect(promise).rejects.toThrow("no answer from");
    await expect(connection.request(Uint8Array.of(3))).rejects.toThrow("no answer from");
    await connection.close();
  });

  it("rejects what is pending when the peer closes", async () => {
    const port = await listen((_, socket) => socket.destroy());
    const connection = await RawConnection.open("127.0.0.1", port);
    await expect(connection.request(Uint8Array.of(1))).rejects.toThrow(/closed the connection|ECONNRESET/);
    await connection.close();
  });
});
