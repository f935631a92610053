import { kindOf, serde, UnsuitableError } from "./serde.ts";
import type { Serde } from "./serializer.ts";

/** Broken text is refused, not repaired: a name with a hole in it is another name. */
const decoder = new TextDecoder("utf-8", { fatal: true });

/** JSON in UTF-8. Null is a record's null, and not the text `null`. What comes back has no type until somebody has looked at it. */
export const json: Serde<unknown> = serde({ write, read });

function write(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new UnsuitableError("json cannot write it: it contains a bigint or itself, or its toJSON() has thrown", { cause });
  }
  if (text === undefined) throw new UnsuitableError(`json has no text for ${kindOf(value)}`);
  return text;
}

function read(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new UnsuitableError(`${bytes.length} bytes are no JSON in UTF-8`, { cause });
  }
}
