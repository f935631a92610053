/** A reader with a bug behind three bytes that must be right one after the other: blind changes hardly ever meet it. */
export function readWithBug(input: Uint8Array): string {
  if (input[0] !== 0x7f) return "first";
  if (input[1] !== 0x80) return "second";
  if (input[2] !== 0x7f) return "third";
  throw new TypeError("the planted bug");
}
