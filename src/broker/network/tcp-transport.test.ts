import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { HeldClock } from "../held-clock.ts";
import { seededRandom } from "../random.ts";
import { selfSignedCertificate } from "../security/self-signed.ts";
import { TcpListener } from "./tcp-transport.ts";

describe("a TLS listener", () => {
  it("lets go of a client that went away during the handshake", async () => {
    let failed: (error: Error) => void = () => undefined;
    const failure = new Promise<Error>((resolve) => {
      failed = resolve;
    });
    const listener = new TcpListener({
      host: "127.0.0.1",
      port: 0,
      tls: selfSignedCertificate(new HeldClock(Date.now()), seededRandom(1)),
      accept: () => expect.unreachable("there was no handshake"),
      onFailedHandshake: (error) => failed(error),
      handshakeTimeoutMs: 50,
    });
    await listener.open();
    try {
      const client = connect({ port: listener.port, host: listener.host, allowHalfOpen: true });
      await once(client, "connect");
      // A handshake that only begins, and the end of what the client will send.
      client.end(Uint8Array.of(0x16, 3, 1, 0, 100));
      client.resume();
      expect((await failure).message).toMatch(/handshake/i);
      await once(client, "close");
    } finally {
      await listener.close();
    }
  });
});
