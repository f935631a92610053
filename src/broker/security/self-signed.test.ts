import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { connect } from "node:tls";
import { describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { HeldClock } from "../held-clock.ts";
import { EmbeddedBroker } from "../index.ts";
import { seededRandom, systemRandom } from "../random.ts";
import { selfSignedCertificate } from "./self-signed.ts";

describe("a certificate of one's own", () => {
  it("is read by OpenSSL, is signed by its own key, and holds for the loopback alone", () => {
    const { cert, key } = selfSignedCertificate(systemClock, systemRandom);
    const read = new X509Certificate(cert);
    expect(read.subject).toBe("CN=kafkawire embedded broker");
    expect(read.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1");
    expect(read.ca).toBe(true);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(read.checkHost("example.org")).toBeUndefined();
    expect(read.checkIP("127.0.0.1")).toBe("127.0.0.1");
  });

  it("is valid from a day ago for a year, beyond 2050 too", () => {
    const at = (year: number): X509Certificate => {
      const { cert } = selfSignedCertificate(new HeldClock(Date.UTC(year, 5, 15)), seededRandom(1));
      return new X509Certificate(cert);
    };
    expect(Date.parse(at(2026).validFrom)).toBe(Date.UTC(2026, 5, 14));
    expect(Date.parse(at(2026).validTo)).toBe(Date.UTC(2027, 5, 15));
    expect(Date.parse(at(2055).validFrom)).toBe(Date.UTC(2055, 5, 14));
  });

  it("is another for every broker", () => {
    const one = new X509Certificate(selfSignedCertificate(systemClock, systemRandom).cert);
    const other = new X509Certificate(selfSignedCertificate(systemClock, systemRandom).cert);
    expect(one.serialNumber).not.toBe(other.serialNumber);
  });

  it("lets a client that trusts it connect, and nobody else", async () => {
    await using broker = await EmbeddedBroker.start({ tls: true });
    const { host, port } = broker.nodes[0]!;
    const trusting = connect({ host, port, ca: broker.caCertificate });
    await once(trusting, "secureConnect");
    expect(trusting.authorized).toBe(true);
    trusting.destroy();
    const doubting = connect({ host, port });
    const [error] = await once(doubting, "error");
    expect(error.code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  it("leaves a client that does not speak TLS in the journal, with the reason", async () => {
    await using broker = await EmbeddedBroker.start({ tls: true });
    const { host, port } = broker.nodes[0]!;
    const plain = connectPlain({ host, port });
    plain.on("error", () => undefined);
    plain.write("GET / HTTP/1.1\r\n\r\n");
    const { kind, node, text } = await broker.journal.waitFor(({ kind: it }) => it === "disconnect");
    expect({ kind, node }).toEqual({ kind: "disconnect", node: 1 });
    expect(text).toContain("the TLS handshake failed: ");
    plain.destroy();
  });
});
