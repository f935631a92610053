import type { AnyApi, Api } from "../api/api.ts";
import { type ApiName, type ApiNamed, apiByKey, apis } from "../api/apis.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import type { Subject } from "./codec.ts";

/** A frame is its size in four bytes, then that many bytes. */
export const FRAME_PREFIX = 4;

/** An API, its name, or its number. */
export type ApiReference = AnyApi | ApiName | number;

/** The API that a reference means, with its types where the reference tells them. */
export type Resolved<R> = R extends ApiName
  ? ApiNamed<R>
  : R extends Api<infer Request, infer Response>
    ? Api<Request, Response>
    : AnyApi;

/** The API that is meant, if we speak it in this version. */
export function resolveApi(reference: ApiReference, version: number): AnyApi {
  const api = findApi(reference);
  if (api === undefined)
    throw new UnsupportedVersionError(`no API '${typeof reference === "object" ? reference.name : reference}' is known`);
  const [first, last] = api.versions;
  if (!Number.isInteger(version) || version < first || version > last) {
    throw new UnsupportedVersionError(`only versions ${first} to ${last} are known`, { api: api.name, version });
  }
  return api;
}

function findApi(reference: ApiReference): AnyApi | undefined {
  if (typeof reference === "number") return apiByKey(reference);
  return typeof reference === "string" ? apis.find((api) => api.name === reference) : reference;
}

/** Writes the size of the frame into its first four bytes. */
export function seal(frame: Uint8Array): Uint8Array {
  new DataView(frame.buffer, frame.byteOffset).setInt32(0, frame.length - FRAME_PREFIX);
  return frame;
}

/** Writes the size of the frame, which is in several pieces, into the first four bytes. */
export function sealChunks(chunks: Uint8Array[]): Uint8Array[] {
  const [first = new Uint8Array(FRAME_PREFIX)] = chunks;
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  new DataView(first.buffer, first.byteOffset).setInt32(0, size - FRAME_PREFIX);
  return chunks;
}

/** Refuses bytes that are not exactly one frame. */
export function checkFrame(frame: Uint8Array, subject: Subject): void {
  if (frame.length < FRAME_PREFIX)
    throw new MalformedMessageError(`a frame of ${frame.length} bytes has no size`, { ...subject, offset: 0 });
  const size = new DataView(frame.buffer, frame.byteOffset).getInt32(0);
  if (size !== frame.length - FRAME_PREFIX) {
    throw new MalformedMessageError(`the frame says ${size} bytes, ${frame.length - FRAME_PREFIX} are there`, {
      ...subject,
      offset: 0,
    });
  }
}
