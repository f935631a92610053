import { types } from "node:util";

/** Also those of another realm, such as a test runner's sandbox. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || types.isUint8Array(value);
}
