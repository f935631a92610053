/** The messages of an authentication: what a broker, or a client of our test broker, may send. */
import assert from "node:assert/strict";
import {
  bearerRequestFromBytes,
  bytesFromBearerCredentials,
  reasonFromRefusal,
} from "../../src/protocol/sasl/oauthbearer-messages.ts";
import { PlainServerExchange } from "../../src/protocol/sasl/plain.ts";
import { textFromPeer } from "../../src/protocol/sasl/sasl-text.ts";
import {
  formatClientFinal,
  formatServerFinal,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
} from "../../src/protocol/sasl/scram-messages.ts";
import { primitiveFixtures } from "../support/fixtures.ts";
import { chosen, type Target } from "./target.ts";

const MECHANISM = "SCRAM-SHA-256";
const TOKEN = "eyJhbGciOiJub25lIn0.e30.";

const readers: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => parseClientFirst(MECHANISM, textFromPeer(MECHANISM, bytes)),
  (bytes) => {
    const first = parseServerFirst(MECHANISM, textFromPeer(MECHANISM, bytes));
    assert.deepStrictEqual(parseServerFirst(MECHANISM, formatServerFirst(first)), first);
  },
  (bytes) => {
    const final = parseClientFinal(MECHANISM, textFromPeer(MECHANISM, bytes));
    assert.deepStrictEqual(parseClientFinal(MECHANISM, formatClientFinal(final.withoutProof, final.proof)), final);
  },
  (bytes) => {
    const final = parseServerFinal(MECHANISM, textFromPeer(MECHANISM, bytes));
    assert.deepStrictEqual(parseServerFinal(MECHANISM, formatServerFinal(final)), final);
  },
  (bytes) => {
    const { token, extensions } = bearerRequestFromBytes(bytes);
    bytesFromBearerCredentials({ token, extensions });
  },
  (bytes) => assert(!reasonFromRefusal(bytes, TOKEN).includes(TOKEN), "the token is in the reason"),
  async (bytes) => new PlainServerExchange({ verify: () => true }).evaluate(bytes),
];

const OTHERS: readonly (readonly [number, string])[] = [
  [3, "e=invalid-proof"],
  [4, `n,,\u0001auth=Bearer ${TOKEN}\u0001\u0001`],
  [4, `n,a=me,\u0001auth=bearer ${TOKEN}\u0001traceId=1-2\u0001\u0001`],
  [5, `{"status":"invalid_token","scope":"${TOKEN}","openid-configuration":"https://example.org"}`],
  [5, "no"],
  [6, "\0me\0secret"],
  [6, "me\0me\0secret"],
];

function seeds(): readonly Uint8Array[] {
  const scram = primitiveFixtures().flatMap((it) => {
    if (it.type !== "scram") return [];
    const { clientFirst, serverFirst, clientFinal, serverSignature } = it;
    return [clientFirst, serverFirst, clientFinal, `v=${serverSignature}`].map((text, choice) => chosen(choice, Buffer.from(text)));
  });
  return [...scram, ...OTHERS.map(([choice, text]) => chosen(choice, Buffer.from(text)))];
}

const messages: Target = {
  name: "sasl-messages",
  seeds,
  dictionary: [
    "n,,",
    "y,,",
    "p=tls-unique,,",
    "n,a=",
    "=2C",
    "=3D",
    "=",
    ",",
    "n=",
    "r=",
    "s=",
    "i=4096",
    "i=0",
    "c=biws",
    "p=",
    "v=",
    "e=",
    "m=x",
    "tokenauth=true",
    "\u0001",
    "\u0001\u0001",
    "auth=Bearer ",
    "\0",
    "\xff",
    "\ufeff",
    '"status":',
    "{}",
    "\xc3\xa4",
  ],
  read: (input) => readers[(input[0] ?? 0) % readers.length]!(input.subarray(1)),
};

export const saslTargets: readonly Target[] = [messages];
