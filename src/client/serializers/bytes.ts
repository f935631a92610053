import { isBytes } from "./is-bytes.ts";
import { kindOf, serde, UnsuitableError } from "./serde.ts";
import type { Serde } from "./serializer.ts";

/** As they are, as Java's ByteArraySerializer. */
export const bytes: Serde<Uint8Array> = serde({
  write: (value) => {
    if (!isBytes(value)) throw new UnsuitableError(`bytes takes a Uint8Array, not ${kindOf(value)}`);
    return value;
  },
  read: (value) => value,
});
