/** A prefix of a message is refused, wherever it is cut, and so is a byte too many: nothing is guessed, and nothing is overlooked. */
import assert from "node:assert/strict";
import { type AnyApi, isFlexible } from "../../src/protocol/api/api.ts";
import { apis } from "../../src/protocol/api/apis.ts";
import { MalformedMessageError } from "../../src/protocol/malformed-message-error.ts";
import { ExactDecoder } from "../support/exact-wire.ts";
import type { MessageFixture } from "../support/fixtures.ts";
import { frameOf } from "./messages.ts";
import type { Tally } from "./tally.ts";

/** How many bytes at both ends of a message are cut one by one. */
const EDGE = 1000;
const STRIDE = 61;

export function checkPrefixes(fixtures: readonly MessageFixture[], tally: Tally): void {
  // Millions of refusals: their stack traces are most of the time, and nobody reads them.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    for (const fixture of fixtures) {
      const api = apis.find(({ key }) => key === fixture.apiKey);
      if (api === undefined) continue;
      const name = `${fixture.message} v${fixture.version} ${fixture.variant}`;
      tally.check(`${name}, cut off anywhere or one byte too long`, () => checkLengths(api, fixture));
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function checkLengths(api: AnyApi, fixture: MessageFixture): void {
  const whole = frameOf(fixture);
  const longer = new Uint8Array(whole.length + 1);
  longer.set(whole);
  for (let end = 4 + fixture.bodyOffset; end <= longer.length; end += stepAt(end, whole.length)) {
    if (end === whole.length) continue;
    assert.ok(isRefused(api, fixture, longer, end), `${end} bytes of ${whole.length} are accepted`);
  }
}

/** Every length, except amid the long contents of long messages, where one length is like the next. */
function stepAt(end: number, length: number): number {
  return end > EDGE && end < length - EDGE - STRIDE ? STRIDE : 1;
}

function isRefused(api: AnyApi, fixture: MessageFixture, bytes: Uint8Array, end: number): boolean {
  try {
    decodeBody(api, fixture, bytes, end);
    return false;
  } catch (error) {
    if (error instanceof MalformedMessageError) return true;
    throw error;
  }
}

function decodeBody(api: AnyApi, { kind, version, bodyOffset }: MessageFixture, bytes: Uint8Array, end: number): void {
  const decoder = new ExactDecoder(bytes, version, isFlexible(api, version), 4 + bodyOffset, end);
  decoder.struct(undefined, kind === "request" ? api.request : api.response);
  decoder.expectEnd();
}
