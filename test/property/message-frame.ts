import type { RequestHeader, ResponseHeader } from "../../src/protocol/frame/headers.ts";
import { decodeRequest, encodeRequestWithHeader } from "../../src/protocol/frame/request.ts";
import { decodeResponse, encodeResponseWithHeader } from "../../src/protocol/frame/response.ts";
import { MalformedMessageError } from "../../src/protocol/malformed-message-error.ts";
import type { Message, MessageKind } from "./arbitrary-message.ts";

/** Header and body as they were read. */
export interface Decoded {
  readonly version: number;
  readonly header: object;
  readonly body: unknown;
}

export function encode({ api, version, kind, header, body }: Message): Uint8Array {
  const known: unknown = header;
  return kind === "request"
    ? encodeRequestWithHeader(known as RequestHeader, body)
    : encodeResponseWithHeader({ api, version }, known as ResponseHeader, body);
}

export function decode({ api, version, kind }: MessageKind, frame: Uint8Array): Decoded {
  return kind === "request" ? decodeRequest(frame) : decodeResponse({ api, version }, frame);
}

/** What the bytes mean, or the only error that bytes may cause. */
export function decodeOrRefuse(kind: MessageKind, frame: Uint8Array): Decoded | MalformedMessageError {
  try {
    return decode(kind, frame);
  } catch (error) {
    if (error instanceof MalformedMessageError) return error;
    throw error;
  }
}

/** The same bytes as a frame whose size is right, so that it is not the size alone that is found to be wrong. */
export function resealed(frame: Uint8Array, length: number = frame.length): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(frame.subarray(0, length));
  if (length >= 4) new DataView(copy.buffer).setInt32(0, length - 4);
  return copy;
}

/** How many values there are in a decoded message: what it costs to keep. */
export function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return 1;
  return Object.values(value).reduce((sum: number, part: unknown) => sum + countValues(part), 1);
}
