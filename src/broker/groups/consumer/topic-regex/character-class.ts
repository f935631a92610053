import { perlGroup, posixGroup, unicodeGroup } from "./character-groups.ts";
import { PatternSyntaxError } from "./pattern.ts";
import type { PatternReader } from "./pattern-reader.ts";
import { type CharacterSet, type ClassItem, range, setOfItems } from "./topic-characters.ts";

const INVALID_RANGE = "invalid character class range";

/** `[…]`; the reader stands behind the bracket. */
export function bracketClass(reader: PatternReader, ignoresCase: boolean): CharacterSet {
  const isNegated = reader.skip("^");
  const items: ClassItem[] = [];
  // A bracket that comes first is a member like any other.
  do {
    items.push(namedGroup(reader, ignoresCase) ?? escapedGroup(reader, ignoresCase) ?? characterRange(reader, ignoresCase));
  } while (!reader.skip("]"));
  return setOfItems(items, isNegated);
}

/** `\d`, `\pL`, `\p{Greek}` and their negations, inside and outside of brackets; undefined, and nothing read, if it is none. */
export function escapedGroup(reader: PatternReader, ignoresCase: boolean): ClassItem | undefined {
  const perl = reader.match(/\\([dDsSwW])/y);
  if (perl !== undefined) return perlGroup(perl[1]!, ignoresCase);
  if (!reader.isAt("\\p") && !reader.isAt("\\P")) return undefined;
  const found = reader.match(/\\([pP])(?:\{(\^?)([^}]*)\}|([^{]))/uy);
  if (found === undefined) throw new PatternSyntaxError(INVALID_RANGE);
  const [, letter, caret, longName, shortName] = found;
  const isNegated = (letter === "P") !== (caret === "^");
  const group = unicodeGroup(longName ?? shortName!, isNegated, ignoresCase);
  if (group === undefined) throw new PatternSyntaxError(INVALID_RANGE);
  return group;
}

function namedGroup(reader: PatternReader, ignoresCase: boolean): ClassItem | undefined {
  const name = reader.match(/\[:([\s\S]*?):\]/y)?.[1];
  if (name === undefined) return undefined;
  const group = posixGroup(name, ignoresCase);
  if (group === undefined) throw new PatternSyntaxError(INVALID_RANGE);
  return group;
}

function characterRange(reader: PatternReader, ignoresCase: boolean): ClassItem {
  const first = classCharacter(reader);
  if (!reader.isAt("-") || reader.isAt("-]")) return range(first, first, ignoresCase);
  reader.skip("-");
  const last = classCharacter(reader);
  if (last < first) throw new PatternSyntaxError(INVALID_RANGE);
  return range(first, last, ignoresCase);
}

function classCharacter(reader: PatternReader): number {
  if (reader.isAtEnd) throw new PatternSyntaxError("missing closing ]");
  return reader.character();
}
