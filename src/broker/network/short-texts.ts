/** What a string on the wire may have at most, in bytes. */
const MAX_STRING_BYTES = 32_767;
/** Where a character is cut in two, a replacement of up to three bytes stands for what is left of it: at least one. */
const ROOM_FOR_REPLACEMENT = 2;

/**
 * The answer with every text in it cut to what a string can hold; the answer itself when none is too long. A client may choose a name
 * as long as a string can be, and then the message that quotes it is longer.
 */
export function withShortTexts(value: unknown): unknown {
  if (typeof value === "string") return shortText(value);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return unlessSame(value, value.map(withShortTexts));
  const entries = Object.entries(value);
  const short = entries.map(([, part]) => withShortTexts(part));
  const isSame = entries.every(([, part], index) => part === short[index]);
  return isSame ? value : Object.fromEntries(entries.map(([name], index) => [name, short[index]]));
}

function unlessSame(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((part, index) => part === before[index]) ? before : after;
}

function shortText(text: string): string {
  // In UTF-8 no character of a string takes more than three bytes.
  if (text.length * 3 <= MAX_STRING_BYTES || Buffer.byteLength(text) <= MAX_STRING_BYTES) return text;
  return Buffer.from(text).toString("utf8", 0, MAX_STRING_BYTES - ROOM_FOR_REPLACEMENT);
}
