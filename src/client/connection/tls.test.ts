import { createServer } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { describe, expect, it } from "vitest";
import {
  authority,
  brokerCertificate,
  expiredCertificate,
  namedCertificate,
  strangersCertificate,
} from "../../../test/support/certificates.ts";
import { connect, failure, HOST, Inbox, latch, listen, open, start, trusting } from "../../../test/support/tcp-stage.ts";
import { HeldClock } from "../../broker/index.ts";
import { Deadline } from "../async/deadline.ts";
import { AuthenticationError, ConnectionError } from "../errors.ts";
import { tcpTransport } from "./tcp-transport.ts";

describe("TLS", () => {
  /** A TLS server that notes which name was asked for, and how many bytes came. */
  async function tlsServer(
    options: TlsOptions,
  ): Promise<{ port: number; names: (string | false | null)[]; received: () => number }> {
    const names: (string | false | null)[] = [];
    let received = 0;
    const server = createTlsServer(options, (socket) => {
      names.push(socket.servername);
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
    });
    server.on("tlsClientError", () => undefined);
    return { port: await listen(server), names, received: () => received };
  }

  it("carries requests to a broker whose certificate is signed by the given authority", async () => {
    const broker = await start({ tls: true });
    const connection = await open(broker.nodes[0]!.port, trusting(broker.caCertificate!));
    expect(connection.isOpen).toBe(true);
    connection.close(new Error("done"));
  });

  it.each([
    { what: "the host", host: "broker.example", tls: {}, name: "broker.example" },
    { what: "the host without a dot at its end", host: "broker.example.", tls: {}, name: "broker.example" },
    { what: "the configured name", host: "other.example", tls: { serverName: "broker.example" }, name: "broker.example" },
    { what: "the host also when it is not checked", host: "other.example", tls: { checkHostname: false }, name: "other.example" },
    { what: "no name for an address", host: HOST, tls: { checkHostname: false }, name: false },
  ])("asks for $what", async ({ host, tls, name }) => {
    const { port, names } = await tlsServer(namedCertificate);
    const socket = await connect(port, new Inbox(), trusting(namedCertificate.cert, tls), host);
    await expect.poll(() => names).toEqual([name]);
    socket.destroy();
  });

  it.each([
    {
      what: "an unknown authority",
      pair: strangersCertificate,
      ca: authority,
      said: /no authority that we trust has signed its certificate .*sslCafile/,
    },
    { what: "an expired certificate", pair: expiredCertificate, ca: expiredCertificate.cert, said: /its certificate has expired/ },
    {
      what: "another's certificate",
      pair: namedCertificate,
      ca: namedCertificate.cert,
      said: /its certificate is for somebody else: .*127\.0\.0\.1/,
    },
  ])("C27: refuses $what, before any byte of a request is sent", async ({ pair, ca, said }) => {
    const { port, received } = await tlsServer(pair);
    const error = await failure(open(port, trusting(ca)));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ message: expect.stringMatching(said), retriable: false });
    expect(received()).toBe(0);
  });

  it("C27: trusts the given authority alone, not those that Node trusts", async () => {
    const { port } = await tlsServer(brokerCertificate);
    expect(await failure(open(port, { ca: undefined, checkHostname: true, serverName: undefined }))).toBeInstanceOf(
      AuthenticationError,
    );
    const socket = await connect(port, new Inbox(), trusting(authority));
    socket.destroy();
  });

  it("C27: says that the broker wants a certificate of ours", async () => {
    const broker = await start({ tls: { ...brokerCertificate, clientCa: authority } });
    const error = await failure(open(broker.nodes[0]!.port, trusting(authority)));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ message: expect.stringContaining("it wants a certificate of ours") });
  });

  it("C28: that stalls ends with its deadline, and says where", async () => {
    const hello = latch<void>();
    const gone = latch<void>();
    const port = await listen(createServer((socket) => socket.on("data", () => hello.resolve()).on("close", () => gone.resolve())));
    const clock = new HeldClock();
    const deadline = new Deadline(clock, 10_000);
    const connecting = failure(
      tcpTransport.connect({ host: HOST, address: HOST, port, tls: trusting(authority), deadline }, new Inbox()),
    );
    await hello.promise;
    await clock.advance(10_000);
    expect(await connecting).toMatchObject({ phase: "tls", message: expect.stringContaining("the TLS handshake with 127.0.0.1") });
    await gone.promise;
  });

  it("C28: to a plaintext broker: says that a broker in plaintext hangs up like this", async () => {
    const broker = await start();
    const error = await failure(open(broker.nodes[0]!.port, trusting(authority)));
    expect(error).toMatchObject({
      code: "CONNECTION",
      phase: "tls",
      message: expect.stringContaining("a broker that expects plaintext on this port hangs up like this"),
    });
  });

  it("C28: to a server that answers in plaintext: says that it does not speak TLS", async () => {
    const port = await listen(createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    const error = await failure(open(port, trusting(authority)));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      phase: "tls",
      retriable: false,
      message: expect.stringContaining("it does not speak TLS on this port"),
    });
  });

  it("C28: in plaintext to a broker with TLS: says that the broker speaks TLS", async () => {
    const broker = await start({ tls: true });
    const error = await failure(open(broker.nodes[0]!.port));
    expect(error).toMatchObject({ code: "CONNECTION", phase: "api versions", message: expect.stringMatching(/speaks? TLS/) });
  });
});
