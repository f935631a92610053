/** Every message fixture: decoded to the same values, encoded to the same bytes, annotated to the last byte. */
import assert from "node:assert/strict";
import { annotate } from "../../src/protocol/annotate/annotate.ts";
import { leavesOf } from "../../src/protocol/annotate/annotation.ts";
import { type AnyApi, isFlexible } from "../../src/protocol/api/api.ts";
import { apis } from "../../src/protocol/api/apis.ts";
import { requestHeader, responseHeader } from "../../src/protocol/frame/headers.ts";
import { decodeRequest, encodeRequestWithHeader } from "../../src/protocol/frame/request.ts";
import { decodeResponse, encodeResponseWithHeader } from "../../src/protocol/frame/response.ts";
import { MalformedMessageError } from "../../src/protocol/malformed-message-error.ts";
import { canonicalJson, hasUnsafeNumber } from "../support/canonical.ts";
import { ExactDecoder, ExactEncoder } from "../support/exact-wire.ts";
import type { MessageFixture } from "../support/fixtures.ts";
import type { Tally } from "./tally.ts";

/** A check for each fixture of an API that we speak. */
export function checkMessages(fixtures: readonly MessageFixture[], tally: Tally): void {
  for (const fixture of fixtures) {
    const api = apis.find(({ key }) => key === fixture.apiKey);
    if (api === undefined) continue;
    tally.check(`${fixture.message} v${fixture.version} ${fixture.variant}`, () => checkMessage(api, fixture));
  }
}

function checkMessage(api: AnyApi, fixture: MessageFixture): void {
  const frame = frameOf(fixture);
  checkExact(api, fixture, frame);
  const layout = fixture.kind === "request" ? api.request : api.response;
  if (hasUnsafeNumber(layout, fixture.version, fixture.json)) {
    assert.throws(
      () => roundTrip(api, fixture, frame),
      (error) =>
        error instanceof MalformedMessageError && error.path !== undefined && error.problem.includes("number holds exactly"),
    );
  } else {
    assert.deepEqual(hex(roundTrip(api, fixture, frame)), hex(frame));
  }
  checkAnnotation(fixture, frame);
}

/** The layouts themselves, with 64-bit numbers of any size. */
function checkExact(api: AnyApi, fixture: MessageFixture, frame: Uint8Array): void {
  const { version } = fixture;
  const layout = fixture.kind === "request" ? api.request : api.response;
  const decoder = new ExactDecoder(frame, version, isFlexible(api, version), 4 + fixture.bodyOffset);
  const body = decoder.struct(undefined, layout);
  decoder.expectEnd();
  assert.deepStrictEqual(canonicalJson(layout, version, body), fixture.json);
  const encoder = new ExactEncoder();
  encoder.begin(version, isFlexible(api, version));
  encoder.struct(body, layout);
  assert.equal(hex(encoder.written()), hex(frame.subarray(4 + fixture.bodyOffset)));
}

/** Through the public functions, header included. */
function roundTrip(api: AnyApi, fixture: MessageFixture, frame: Uint8Array): Uint8Array {
  const { version } = fixture;
  if (fixture.kind === "request") {
    const { header, body } = decodeRequest(frame);
    assert.deepStrictEqual(canonicalJson(requestHeader, fixture.headerVersion, header), { clientId: null, ...fixture.header });
    return encodeRequestWithHeader(header, body);
  }
  const { header, body } = decodeResponse({ api, version }, frame);
  assert.deepStrictEqual(canonicalJson(responseHeader, fixture.headerVersion, header), fixture.header);
  return encodeResponseWithHeader({ api, version }, header, body);
}

function checkAnnotation(fixture: MessageFixture, frame: Uint8Array): void {
  const tree = annotate(frame, { kind: fixture.kind, api: fixture.apiKey, version: fixture.version });
  let position = 0;
  for (const leaf of leavesOf(tree)) {
    assert.equal(leaf.start, position, `the leaf ${leaf.path} begins at ${leaf.start}, the one before it ended at ${position}`);
    assert.notEqual(leaf.type, "malformed", `${leaf.path}: ${leaf.note}`);
    position = leaf.end;
  }
  assert.equal(position, frame.length, "the annotation does not cover every byte");
}

export function frameOf({ hex }: { readonly hex: string }): Uint8Array {
  const frame = Buffer.alloc(4 + hex.length / 2);
  frame.writeInt32BE(hex.length / 2);
  frame.write(hex, 4, "hex");
  return frame;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
