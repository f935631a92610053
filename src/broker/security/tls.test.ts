import { once } from "node:events";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import {
  authority,
  brokerCertificate,
  CLIENT_NAME,
  clientCertificate,
  strangersCertificate,
} from "../../../test/support/certificates.ts";
import { RawConnection } from "../../../test/support/raw-connection.ts";
import { decodeResponse, encodeRequest } from "../../protocol/index.ts";
import { EmbeddedBroker, type EmbeddedBrokerOptions } from "../index.ts";

let broker: EmbeddedBroker;

afterEach(async () => {
  expect(broker.failures).toEqual([]);
  await broker.close();
});

async function start(options: EmbeddedBrokerOptions): Promise<number> {
  broker = await EmbeddedBroker.start(options);
  return broker.nodes[0]!.port;
}

async function secured(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca: authority, ...options });
  await once(socket, "secureConnect");
  return socket;
}

const versions = { api: "ApiVersions", version: 0, correlationId: 1 } as const;

/** How many APIs the broker offers; rejects if it closes the connection instead. */
async function offerOf(socket: TLSSocket): Promise<number> {
  socket.write(encodeRequest(versions, {}));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk);
    const answer = Buffer.concat(chunks);
    if (answer.length >= 4 && answer.length === 4 + answer.readInt32BE(0))
      return decodeResponse(versions, answer).body.apiKeys.length;
  }
  throw new Error("the broker closed the connection");
}

describe("a broker with TLS", () => {
  it("shows the certificate that it was given, to clients that need none", async () => {
    const port = await start({ tls: brokerCertificate });
    const socket = await secured(port);
    expect([socket.authorized, socket.getPeerCertificate().subject.CN]).toEqual([true, "test broker"]);
    expect(await offerOf(socket)).toBeGreaterThan(10);
    expect(broker.caCertificate).toBeUndefined();
    expect((await broker.journal.waitFor(({ kind }) => kind === "connect")).text).toMatch(/^from 127\.0\.0\.1:\d+$/);
  });

  it("has a certificate of its own for every cluster if it is told no other", async () => {
    const port = await start({ tls: true });
    const { caCertificate = "" } = broker;
    expect(await offerOf(await secured(port, { ca: caCertificate }))).toBeGreaterThan(10);
    const doubting = connect({ host: "127.0.0.1", port, ca: authority });
    expect((await once(doubting, "error"))[0]).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });

  it("hangs up on a client that speaks without it, and serves the next one", async () => {
    const port = await start({ tls: brokerCertificate });
    const bare = await RawConnection.open("127.0.0.1", port);
    await expect(bare.request(encodeRequest(versions, {}).subarray(4))).rejects.toThrow();
    expect(await offerOf(await secured(port))).toBeGreaterThan(10);
  });

  it("knows clients by their certificates as Java prints their names, when it asks for them", async () => {
    const port = await start({ tls: { ...brokerCertificate, clientCa: authority } });
    expect(await offerOf(await secured(port, clientCertificate))).toBeGreaterThan(10);
    const { text } = await broker.journal.waitFor(({ kind }) => kind === "connect");
    expect(text?.split(" as ")[1]).toBe(`User:${CLIENT_NAME}`);
  });

  it.each([
    ["none", {}],
    ["one that nobody has signed", strangersCertificate],
  ])("refuses a client that has to show a certificate and shows %s", async (_which, shown) => {
    const port = await start({ tls: { ...brokerCertificate, clientCa: authority } });
    const socket = connect({ host: "127.0.0.1", port, ca: authority, ...shown });
    // In TLS 1.3 the client learns it with the first read only.
    await expect(once(socket, "secureConnect").then(() => offerOf(socket))).rejects.toThrow(/alert|ECONNRESET|EPIPE|closed/);
    // No connection came of it; the journal says why.
    const { text } = await broker.journal.waitFor(({ kind }) => kind === "disconnect");
    expect(text).toContain("the TLS handshake failed: ");
    expect([...broker.journal].map(({ kind }) => kind)).toEqual(["disconnect"]);
  });

  it("ends although a client is in the middle of its handshake", async () => {
    const port = await start({ tls: brokerCertificate });
    const halfway = await RawConnection.open("127.0.0.1", port);
    await broker.close();
    await expect(halfway.request(Buffer.alloc(4))).rejects.toThrow();
  });
});
