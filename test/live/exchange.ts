// One request and its answer over a bare socket, with everything that must hold for the bytes of both.

import { expect } from "vitest";
import type { Resolved } from "../../src/protocol/frame/frame.ts";
import {
  type ApiName,
  annotate,
  type Draft,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeRequestWithHeader,
  encodeResponseWithHeader,
  errorCode,
  leavesOf,
  nextCorrelationId,
  type RequestOf,
  type ResponseOf,
} from "../../src/protocol/index.ts";
import type { RawConnection } from "../support/raw-connection.ts";

export const CLIENT_ID = "kafkawire-live";
const FRAME_PREFIX = 4;

export type RequestBody<N extends ApiName> = Draft<RequestOf<Resolved<N>>>;
export type ResponseBody<N extends ApiName> = ResponseOf<Resolved<N>>;

export interface Answer<N extends ApiName> {
  readonly body: ResponseBody<N>;
  /** The version that the broker answered in: 0 for a version of ApiVersions that it does not know. */
  readonly version: number;
  /** Names of all error codes in the answer except NONE, each once. */
  readonly errors: readonly string[];
}

/** Counts up for each connection; a broker only repeats the number. */
export class Correlation {
  #last = 0;

  next(): number {
    this.#last = nextCorrelationId(this.#last);
    return this.#last;
  }
}

/** The request as it leaves, without its length; checked to be read back and explained to the last byte. */
export function requestFrame<N extends ApiName>(api: N, version: number, correlationId: number, body: RequestBody<N>): Uint8Array {
  const frame = encodeRequest({ api, version, correlationId, clientId: CLIENT_ID }, body);
  const decoded = decodeRequest(frame);
  expectSameBytes(encodeRequestWithHeader(decoded.header, decoded.body), frame, "our request, encoded again");
  expectExplained(annotate(frame, { kind: "request" }), frame);
  return frame.subarray(FRAME_PREFIX);
}

export async function exchange<N extends ApiName>(
  connection: RawConnection,
  correlation: Correlation,
  api: N,
  version: number,
  body: RequestBody<N>,
): Promise<Answer<N>> {
  const correlationId = correlation.next();
  const frame = withLength(await connection.request(requestFrame(api, version, correlationId, body)));
  const answer = decodeResponse({ api, version }, frame);
  expect(answer.correlationId, "the correlation id of the answer").toBe(correlationId);
  expectSameBytes(
    encodeResponseWithHeader({ api, version: answer.version }, answer.header, answer.body),
    frame,
    "the answer, encoded again",
  );
  expectExplained(annotate(frame, { kind: "response", api, version: answer.version }), frame);
  return { body: answer.body, version: answer.version, errors: [...new Set(errorNames(answer.body))] };
}

/** A frame as the protocol's functions take it. */
export function withLength(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_PREFIX + frame.length);
  new DataView(bytes.buffer).setInt32(0, frame.length);
  bytes.set(frame, FRAME_PREFIX);
  return bytes;
}

/** As hex, which a failure can show; vitest takes seconds to compare long arrays. */
function expectSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) !== 0)
    expect(Buffer.from(actual).toString("hex"), what).toBe(Buffer.from(expected).toString("hex"));
}

function expectExplained(tree: ReturnType<typeof annotate>, frame: Uint8Array): void {
  let position = 0;
  for (const leaf of leavesOf(tree)) {
    if (leaf.start !== position)
      throw new Error(`annotate(): ${leaf.path} begins at ${leaf.start}, the leaf before ends at ${position}`);
    if (leaf.type === "malformed") throw new Error(`annotate(): ${leaf.path} at ${leaf.start} is not explained: ${leaf.note}`);
    position = leaf.end;
  }
  if (position !== frame.length) throw new Error(`annotate(): bytes from ${position} to ${frame.length} are not explained`);
}

/** Of every field that holds an error code, at any depth: errorCode, partitionErrorCode, acknowledgeErrorCode. */
export function* errorNames(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  for (const [field, inner] of Object.entries(value)) {
    if (/errorCode$/i.test(field) && typeof inner === "number") {
      if (inner !== 0) yield errorCode(inner).name;
    } else yield* errorNames(inner);
  }
}
