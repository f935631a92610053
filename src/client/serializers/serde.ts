import { SerializationError } from "../errors.ts";
import type { Serde, SerializedBytes } from "./serializer.ts";

/** What a format is made of. `write` and `read` throw an {@link UnsuitableError} for what they cannot take. */
export interface Format<Written, Read> {
  /** Checks, since what comes is not always what its type says. */
  readonly write: (value: Written) => SerializedBytes;
  readonly read: (bytes: Uint8Array) => Read;
}

/** Why a value has no bytes, or bytes have no value; without showing either, for they may be nobody's business. */
export class UnsuitableError extends Error {}

export function serde<Written, Read = Written>({ write, read }: Format<Written, Read>): Serde<Written, Read> {
  return Object.freeze({
    serialize: (value: Written, topic: string) => (value === null || value === undefined ? null : attempt(write, value, topic)),
    deserialize: (bytes: Uint8Array | null, topic: string) => (bytes === null ? null : attempt(read, bytes, topic)),
  });
}

function attempt<From, To>(convert: (value: From) => To, value: From, topic: string): To {
  try {
    return convert(value);
  } catch (error) {
    if (error instanceof UnsuitableError) throw new SerializationError(error.message, { topic, cause: error.cause });
    throw error;
  }
}

/** The kind of a value, and nothing of what is in it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  const kind = typeof value;
  return kind === "object" ? "an object" : `a ${kind}`;
}
