/** Fixtures of messages that travel inside others, and of the two headers. */
import assert from "node:assert/strict";
import { requestHeader, responseHeader } from "../../src/protocol/frame/headers.ts";
import { assignmentBlob, decodeAssignment, encodeAssignment } from "../../src/protocol/group/assignment.ts";
import { decodeSubscription, encodeSubscription, subscriptionBlob } from "../../src/protocol/group/subscription.ts";
import { Decoder } from "../../src/protocol/wire/decoder.ts";
import { Encoder } from "../../src/protocol/wire/encoder.ts";
import type { Layout } from "../../src/protocol/wire/wire.ts";
import { canonicalJson } from "../support/canonical.ts";
import type { DataFixture } from "../support/fixtures.ts";
import type { Tally } from "./tally.ts";

const layouts: ReadonlyMap<string, Layout<unknown>> = new Map<string, Layout<unknown>>([
  ["RequestHeader", requestHeader],
  ["ResponseHeader", responseHeader],
  ["ConsumerProtocolSubscription", subscriptionBlob.layout],
  ["ConsumerProtocolAssignment", assignmentBlob.layout],
]);

const blobs: ReadonlyMap<string, (bytes: Uint8Array) => Uint8Array> = new Map([
  ["ConsumerProtocolSubscription", reencodeSubscription],
  ["ConsumerProtocolAssignment", reencodeAssignment],
]);

export function checkData(fixtures: readonly DataFixture[], tally: Tally): void {
  for (const fixture of fixtures) {
    const layout = layouts.get(fixture.message);
    if (layout === undefined) continue;
    const name = `${fixture.message} v${fixture.version} ${fixture.variant}`;
    tally.check(name, () => checkLayout(layout, fixture));
    const reencode = blobs.get(fixture.message);
    const prefixed = fixture.versionPrefixedHex;
    if (reencode === undefined || prefixed === undefined) continue;
    tally.check(`${name}, behind its version`, () => {
      assert.equal(Buffer.from(reencode(Buffer.from(prefixed, "hex"))).toString("hex"), prefixed);
    });
  }
}

function checkLayout(layout: Layout<unknown>, { hex, version, flexible, json }: DataFixture): void {
  const decoder = new Decoder(Buffer.from(hex, "hex"), version, flexible);
  const value = decoder.struct(undefined, layout);
  decoder.expectEnd();
  assert.deepStrictEqual(canonicalJson(layout, version, value), json);
  const encoder = new Encoder();
  encoder.begin(version, flexible);
  encoder.struct(value, layout);
  assert.equal(Buffer.from(encoder.written()).toString("hex"), hex);
}

function reencodeSubscription(bytes: Uint8Array): Uint8Array {
  const { version, value } = decodeSubscription(bytes);
  return encodeSubscription(value, version);
}

function reencodeAssignment(bytes: Uint8Array): Uint8Array {
  const { version, value } = decodeAssignment(bytes);
  return encodeAssignment(value, version);
}
