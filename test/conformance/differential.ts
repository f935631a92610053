/**
 * Random messages of ours, read by Kafka's own classes: decoded to the same values, nothing left over, and encoded again to the
 * same bytes. The fixtures are Kafka's choice of messages; these are ours.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { arbitraryMessage, everyMessage, type Message, type MessageKind, nameOf } from "../property/arbitrary-message.ts";
import { encode } from "../property/message-frame.ts";
import { canonicalJson } from "../support/canonical.ts";
import type { ApiRow } from "../support/fixtures.ts";
import type { OracleServer } from "../support/oracle-server.ts";
import type { Tally } from "./tally.ts";

/** Messages per API, version and direction. */
const PER_VERSION = 5;

export async function checkRandomMessages(
  oracle: OracleServer,
  rows: readonly ApiRow[],
  seed: number,
  tally: Tally,
): Promise<void> {
  const oldest = new Map(rows.map(({ apiKey, min }) => [apiKey, min ?? 0]));
  const kinds = everyMessage.filter(({ api, version }) => version >= (oldest.get(api.key) ?? 0));
  const checks = kinds.flatMap((kind) =>
    samples(kind, seed).map((message, i) =>
      tally.checkLater(`${nameOf(kind)}, random message ${i + 1} of seed ${seed}`, () => checkRandomMessage(oracle, message)),
    ),
  );
  await Promise.all(checks);
}

function samples(kind: MessageKind, seed: number): readonly Message[] {
  return fc.sample(arbitraryMessage(kind), { seed, numRuns: PER_VERSION });
}

async function checkRandomMessage(oracle: OracleServer, message: Message): Promise<void> {
  const { api, version, kind, body } = message;
  const frame = encode(message);
  const hex = Buffer.from(frame.subarray(4)).toString("hex");
  const query = kind === "request" ? { kind, hex } : { kind, hex, apiKey: api.key, version };
  const { ok, error, json, remaining, canonical, canonicalHex, reencodeError } = await oracle.ask(query);
  assert.equal(ok, true, `Java refuses ${hex}: ${error}`);
  assert.equal(remaining, 0, `Java leaves ${remaining} bytes of ${hex}`);
  const layout = kind === "request" ? api.request : api.response;
  assert.deepStrictEqual(canonicalJson(layout, version, body), json);
  assert.equal(canonical, true, `Java writes ${canonicalHex ?? reencodeError} for ${hex}`);
}
