/** Fixtures of messages that travel inside others, and of the two headers. */
import assert from "node:assert/strict";
import { abortedTransactionEntry } from "../../src/protocol/data/aborted-transaction-entry.ts";
import {
  controlRecordType,
  endTransactionMarker,
  kRaftVersion,
  leaderChange,
  snapshotFooter,
  snapshotHeader,
  voters,
} from "../../src/protocol/data/control-record-value.ts";
import { decodePrincipal, encodePrincipal, principal } from "../../src/protocol/data/principal.ts";
import { requestHeader, responseHeader } from "../../src/protocol/frame/headers.ts";
import { assignmentBlob, decodeAssignment, encodeAssignment } from "../../src/protocol/group/assignment.ts";
import { decodeSubscription, encodeSubscription, subscriptionBlob } from "../../src/protocol/group/subscription.ts";
import type { Layout } from "../../src/protocol/wire/wire.ts";
import { canonicalJson } from "../support/canonical.ts";
import { ExactDecoder, ExactEncoder } from "../support/exact-wire.ts";
import type { CanonicalObject, DataFixture } from "../support/fixtures.ts";
import type { Tally } from "./tally.ts";

const layouts: ReadonlyMap<string, Layout<unknown>> = new Map<string, Layout<unknown>>([
  ["RequestHeader", requestHeader],
  ["ResponseHeader", responseHeader],
  ["ConsumerProtocolSubscription", subscriptionBlob.layout],
  ["ConsumerProtocolAssignment", assignmentBlob.layout],
  ["ControlRecordTypeSchema", controlRecordType],
  ["EndTxnMarker", endTransactionMarker],
  ["AbortedTxn", abortedTransactionEntry],
  ["LeaderChangeMessage", leaderChange],
  ["SnapshotHeaderRecord", snapshotHeader],
  ["SnapshotFooterRecord", snapshotFooter],
  ["KRaftVersionRecord", kRaftVersion],
  ["VotersRecord", voters],
  ["DefaultPrincipalData", principal],
]);

/** Messages whose version stands in front of them as they travel, read and written by our functions for them. */
const prefixed: ReadonlyMap<string, (bytes: Uint8Array) => Uint8Array> = new Map([
  [
    "ConsumerProtocolSubscription",
    (bytes) => {
      const { version, value } = decodeSubscription(bytes);
      return encodeSubscription(value, version);
    },
  ],
  [
    "ConsumerProtocolAssignment",
    (bytes) => {
      const { version, value } = decodeAssignment(bytes);
      return encodeAssignment(value, version);
    },
  ],
  ["DefaultPrincipalData", (bytes) => encodePrincipal(decodePrincipal(bytes))],
]);

/** Here the version in front is a field of ours. */
const VERSION_IS_A_FIELD: ReadonlySet<string> = new Set(["EndTxnMarker"]);

export function checkData(fixtures: readonly DataFixture[], tally: Tally): void {
  for (const fixture of fixtures) {
    const { message, version, variant, versionPrefixedHex } = fixture;
    const name = `${message} v${version} ${variant}`;
    tally.check(name, () => checkLayout(fixture));
    const reencode = prefixed.get(message);
    if (reencode === undefined || versionPrefixedHex === undefined) continue;
    tally.check(`${name}, behind its version`, () => {
      assert.equal(Buffer.from(reencode(Buffer.from(versionPrefixedHex, "hex"))).toString("hex"), versionPrefixedHex);
    });
  }
}

function checkLayout(fixture: DataFixture): void {
  const layout = layouts.get(fixture.message);
  assert.ok(layout, "no layout of ours");
  const { hex, json } = asTravelling(fixture);
  const decoder = new ExactDecoder(Buffer.from(hex, "hex"), fixture.version, fixture.flexible);
  const value = decoder.struct(undefined, layout);
  decoder.expectEnd();
  assert.deepStrictEqual(canonicalJson(layout, fixture.version, value), json);
  const encoder = new ExactEncoder();
  encoder.begin(fixture.version, fixture.flexible);
  encoder.struct(value, layout);
  assert.equal(Buffer.from(encoder.written()).toString("hex"), hex);
}

function asTravelling({ message, hex, versionPrefixedHex, version, json }: DataFixture): { hex: string; json: CanonicalObject } {
  if (!VERSION_IS_A_FIELD.has(message) || versionPrefixedHex === undefined) return { hex, json };
  return { hex: versionPrefixedHex, json: { version, ...json } };
}
