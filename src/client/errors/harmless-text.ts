const LONGEST = 1000;

/** Control and format characters, line and paragraph separators, private and unassigned ones, halves of pairs. */
export const UNPRINTABLE: RegExp = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text from the network as one line that can stand in a message, a log or on a terminal: what a terminal or a log reader would act on
 * is spelled out (`\n`, `\u001b`), and what is too long is cut.
 */
export function harmlessText(text: string, longest: number = LONGEST): string {
  // Cut before and after: escapes are longer than what they stand for, and a megabyte is not worth escaping.
  return shortened(shortened(text, longest).replace(UNPRINTABLE, spelledOut), longest);
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

function spelledOut(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
