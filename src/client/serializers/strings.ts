import { kindOf, serde, UnsuitableError } from "./serde.ts";
import type { Serde } from "./serializer.ts";

/** UTF-8, as Java's StringSerializer. Bytes that are no UTF-8 are read with U+FFFD in their place. */
export const strings: Serde<string> = serde({
  write: (value) => {
    if (typeof value !== "string") throw new UnsuitableError(`strings takes text, not ${kindOf(value)}`);
    return value;
  },
  // Most bytes are Buffers already; making one costs more than the text.
  read: (bytes) => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString(),
});
