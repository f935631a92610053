/** Keys, values and headers as people want to see them: bytes are text where they are text. */
import { isUtf8 } from "node:buffer";
import { type InspectOptions, inspect } from "node:util";
import { isBytes } from "../../serializers/is-bytes.ts";

/** Bytes that are UTF-8 are text, others `{ base64 }`; what a deserializer gave is itself, but bigints are decimal text. */
export type JsonPart = unknown;

export function jsonOf(part: unknown): JsonPart {
  if (typeof part === "bigint") return String(part);
  if (!isBytes(part)) return part;
  const bytes = bufferOf(part);
  return isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString("base64") };
}

export function inspectable(part: unknown): unknown {
  return isBytes(part) ? new InspectableBytes(part) : part;
}

class InspectableBytes {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = bufferOf(bytes);
  }

  /** `Bytes(5) 'hello'`, or `Bytes(2) <ff fe>`. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const bytes = this.#bytes;
    const shown = isUtf8(bytes) ? inspect(bytes.toString(), options) : inspect(bytes, options).replace(/^<Buffer /, "<");
    return `Bytes(${bytes.length}) ${shown}`;
  }
}

/** The same bytes; without a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
