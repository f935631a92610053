/**
 * A certificate of one's own, so that TLS needs no preparation: it is its own authority, holds for this machine's loopback names
 * and for nothing else, and its key is never written anywhere. X.509 by hand, as RFC 5280 lays it out: Node reads certificates, but
 * makes none.
 */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { bitString, integer, objectId, octets, sequence, set, tagged, time, utf8 } from "./der.ts";

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM; also what clients have to trust. */
  readonly cert: string;
}

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const COMMON_NAME = "2.5.4.3";
const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

const DAY_MS = 86_400_000;
const VALID_DAYS = 365;
const SERIAL_BYTES = 16;
const TRUE: Uint8Array = Uint8Array.of(0x01, 0x01, 0xff);
/** digitalSignature and keyCertSign. */
const KEY_USES: Uint8Array = Uint8Array.of(0x03, 0x02, 0x02, 0x84);

export function selfSignedCertificate(clock: Clock, random: Random): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const content = contentOf(publicKey, clock.now(), random);
  const signature = sign("sha256", content, privateKey);
  const certificate = sequence(content, sequence(objectId(ECDSA_WITH_SHA256)), bitString(signature));
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem("CERTIFICATE", certificate) };
}

function contentOf(publicKey: KeyObject, nowMs: number, random: Random): Uint8Array {
  const name = sequence(set(sequence(objectId(COMMON_NAME), utf8("kafkawire embedded broker"))));
  const serial = random.bytes(SERIAL_BYTES);
  // Positive, and without leading zeros.
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return sequence(
    tagged(0, integer(Uint8Array.of(2))),
    integer(serial),
    sequence(objectId(ECDSA_WITH_SHA256)),
    name,
    // A day of grace, for clocks that differ.
    sequence(time(nowMs - DAY_MS), time(nowMs + VALID_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...extensions())),
  );
}

function extensions(): readonly Uint8Array[] {
  const dnsName = Buffer.concat([Uint8Array.of(0x82, "localhost".length), Buffer.from("localhost")]);
  const ipv4 = Uint8Array.of(0x87, 4, 127, 0, 0, 1);
  return [
    sequence(objectId(BASIC_CONSTRAINTS), TRUE, octets(sequence(TRUE))),
    sequence(objectId(KEY_USAGE), TRUE, octets(KEY_USES)),
    sequence(objectId(EXTENDED_KEY_USAGE), octets(sequence(objectId(SERVER_AUTHENTICATION)))),
    sequence(objectId(SUBJECT_ALTERNATIVE_NAME), octets(sequence(dnsName, ipv4))),
  ];
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
