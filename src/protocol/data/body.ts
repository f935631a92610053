import { decodePart, encodeParts, type Part } from "../frame/codec.ts";
import type { Draft } from "../wire/wire.ts";

/** A message without header or version prefix: somebody else says what it is, and in which version. */
export interface Body<T> extends Part<T> {
  readonly name: string;
}

export function encodeBody<T>({ name, ...part }: Body<T>, value: Draft<T>): Uint8Array {
  return encodeParts(0, { api: name, version: part.version, kind: "data" }, [{ ...part, value }]);
}

/** From `start` to the end of the bytes. */
export function decodeBody<T>({ name, ...part }: Body<T>, bytes: Uint8Array, start = 0): T {
  return decodePart(part, { api: name, version: part.version, kind: "data" }, bytes, start, true).value;
}
