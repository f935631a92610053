/** Varints, uuids, floats, hashes, checksums and SCRAM transcripts, as Kafka's classes compute them. */
import assert from "node:assert/strict";
import { nodeScramCrypto } from "../../src/client/connection/node-scram-crypto.ts";
import {
  decodeCooperativeStickyUserData,
  decodeStickyUserData,
  encodeCooperativeStickyUserData,
  encodeStickyUserData,
} from "../../src/protocol/group/sticky-user-data.ts";
import { MalformedMessageError } from "../../src/protocol/malformed-message-error.ts";
import { crc32c } from "../../src/protocol/records/crc32c.ts";
import { murmur2, partitionForKey } from "../../src/protocol/records/murmur2.ts";
import { readVarint, readVarlongBig, writeVarint, writeVarlong } from "../../src/protocol/records/varint.ts";
import { ScramClientExchange } from "../../src/protocol/sasl/scram-client.ts";
import { scramCredentialFromPassword } from "../../src/protocol/sasl/scram-credentials.ts";
import { ScramServerExchange } from "../../src/protocol/sasl/scram-server.ts";
import { Decoder } from "../../src/protocol/wire/decoder.ts";
import { Encoder } from "../../src/protocol/wire/encoder.ts";
import { writeUnsignedVarint } from "../../src/protocol/wire/varint.ts";
import type { DecodedVarintFixture, KeyFixture, PrimitiveFixture, ScramFixture } from "../support/fixtures.ts";
import type { Tally } from "./tally.ts";

export async function checkPrimitives(fixtures: readonly PrimitiveFixture[], tally: Tally): Promise<void> {
  for (const [i, fixture] of fixtures.entries()) {
    await tally.checkLater(`primitive ${i + 1} (${fixture.type})`, async () => checkPrimitive(fixture));
  }
}

function checkPrimitive(fixture: PrimitiveFixture): void | Promise<void> {
  switch (fixture.type) {
    case "varint":
    case "varlong":
    case "uvarint":
      return checkVarint(fixture.type, fixture.value, fixture.hex);
    case "decode-varint":
    case "decode-varlong":
    case "decode-uvarint":
      return checkOddVarint(fixture);
    case "uuid":
      return checkField(
        fixture.hex,
        fixture.value,
        (wire) => wire.uuid(),
        (wire, value) => wire.uuid(value),
      );
    case "float64":
      return checkField(
        fixture.hex,
        Number(fixture.value),
        (wire) => wire.float64(),
        (wire, value) => wire.float64(value),
      );
    case "key":
      return checkKey(fixture);
    case "scram":
      return checkScram(fixture);
    case "assignor-userdata":
      return checkUserData(fixture.assignor, fixture.hex);
  }
}

function checkVarint(type: "varint" | "varlong" | "uvarint", value: string, hex: string): void {
  assert.equal(String(readAny(type, hex).value), value);
  const target = new Uint8Array(10);
  const end =
    type === "varint"
      ? writeVarint(target, 0, Number(value))
      : type === "varlong"
        ? writeVarlong(target, 0, BigInt(value))
        : writeUnsignedVarint(target, 0, Number(value));
  assert.equal(Buffer.from(target.subarray(0, end)).toString("hex"), hex);
}

function readAny(type: string, hex: string): { value: number | bigint; consumed: number } {
  const bytes = Buffer.from(hex, "hex");
  if (type === "uvarint") {
    const decoder = new Decoder(bytes, 0, true);
    return { value: decoder.unsignedVarint(), consumed: decoder.position };
  }
  const at = { bytes, position: 0, end: bytes.length };
  const value = type === "varint" ? readVarint(at) : readVarlongBig(at);
  return { value, consumed: at.position };
}

/**
 * Java drops bits that do not fit into the number. So do we in records, which may be old and must stay readable; in messages,
 * where lengths and counts depend on it, we refuse such bytes.
 */
function checkOddVarint({ type, hex, value, consumed }: DecodedVarintFixture): void {
  const read = (): { value: number | bigint; consumed: number } => readAny(type.replace("decode-", ""), hex);
  if (value === undefined || (type === "decode-uvarint" && hasSurplusBits(hex))) {
    assert.throws(read, MalformedMessageError);
    return;
  }
  const ours = read();
  assert.deepEqual({ value: String(ours.value), consumed: ours.consumed }, { value, consumed });
}

/** Does the fifth byte carry more than the four bits that are left for it? */
function hasSurplusBits(hex: string): boolean {
  const bytes = Buffer.from(hex, "hex");
  return (bytes[4] ?? 0) > 0x0f && bytes.subarray(0, 4).every((byte) => byte > 0x7f);
}

function checkField<T>(hex: string, value: T, read: (wire: Decoder) => T, write: (wire: Encoder, value: T) => void): void {
  const decoder = new Decoder(Buffer.from(hex, "hex"), 0, true);
  assert.ok(Object.is(read(decoder), value), `reads ${String(value)}`);
  decoder.expectEnd();
  const encoder = new Encoder();
  write(encoder, value);
  assert.equal(Buffer.from(encoder.written()).toString("hex"), hex);
}

function checkKey({ hex, murmur2: hash, crc32c: checksum, partition }: KeyFixture): void {
  const key = Buffer.from(hex, "hex");
  assert.equal(murmur2(key), hash);
  assert.equal(crc32c(key), checksum);
  for (const [count, expected] of Object.entries(partition)) assert.equal(partitionForKey(key, Number(count)), expected);
}

/** Both of our sides play Kafka's exchange, with its nonces, and must write its very messages. */
async function checkScram(fixture: ScramFixture): Promise<void> {
  const { mechanism, user, password, iterations, salt } = fixture;
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const client = new ScramClientExchange({
    mechanism,
    crypto: nodeScramCrypto,
    username: user,
    password,
    newNonce: () => "clientnonce",
  });
  const credential = await scramCredentialFromPassword({
    crypto: nodeScramCrypto,
    mechanism,
    password,
    iterations,
    salt: Buffer.from(salt, "base64"),
  });
  assert.equal(Buffer.from(credential.storedKey).toString("base64"), fixture.storedKey);
  assert.equal(Buffer.from(credential.serverKey).toString("base64"), fixture.serverKey);
  const server = new ScramServerExchange({
    mechanism,
    crypto: nodeScramCrypto,
    findCredential: () => credential,
    newNonce: () => "servernonce",
  });
  const first = await client.initial();
  assert.equal(text(first), fixture.clientFirst);
  const challenge = await server.evaluate(first);
  assert.equal(text(challenge.bytes), fixture.serverFirst);
  const final = await client.respond(challenge.bytes);
  assert.ok(final.kind === "send");
  assert.equal(text(final.bytes), fixture.clientFinal);
  const verdict = await server.evaluate(final.bytes);
  assert.equal(text(verdict.bytes), `v=${fixture.serverSignature}`);
  assert.equal((await client.respond(verdict.bytes)).kind, "complete");
}

function checkUserData(assignor: string, hex: string): void {
  const bytes = Buffer.from(hex, "hex");
  const again =
    assignor === "sticky"
      ? encodeStickyUserData(decodeStickyUserData(bytes))
      : encodeCooperativeStickyUserData(decodeCooperativeStickyUserData(bytes));
  assert.equal(Buffer.from(again).toString("hex"), hex);
}
