/**
 * Topics' names are ASCII, so of every character class in a pattern, however exotic, nothing counts but which of these characters it
 * has. Other names (transactional ids) may go beyond: there, all characters count as the same one.
 */
const BEYOND_ASCII = 128;
const REPLACEMENT_CHARACTER = 0xfffd;
const LONG_S = 0x17f;
const KELVIN_SIGN = 0x212a;

/** By code: 1 for the characters that are in the set. The last stands for all beyond ASCII. */
export type CharacterSet = Uint8Array;

export function isInSet(set: CharacterSet, code: number): boolean {
  return set[Math.min(code, BEYOND_ASCII)] === 1;
}

/** A part of a character class. */
export interface ClassItem {
  readonly has: (code: number) => boolean;
  readonly isNegated: boolean;
  /** `(?i)`: the item has a character when it has one of its other cases. */
  readonly ignoresCase: boolean;
}

export const ANY_CHARACTER: CharacterSet = characterSet(() => true);

export function setOfItems(items: readonly ClassItem[], isNegated: boolean = false): CharacterSet {
  return characterSet((code) => items.some((item) => isIn(item, code)) !== isNegated);
}

export function range(first: number, last: number, ignoresCase: boolean): ClassItem {
  return { has: (code) => first <= code && code <= last, isNegated: false, ignoresCase };
}

export function isWordCharacter(code: number | undefined): boolean {
  return code !== undefined && /\w/.test(String.fromCharCode(code));
}

function characterSet(has: (code: number) => boolean): CharacterSet {
  const set = new Uint8Array(BEYOND_ASCII + 1);
  for (let code = 0; code < BEYOND_ASCII; code++) if (has(code)) set[code] = 1;
  if (has(REPLACEMENT_CHARACTER)) set[BEYOND_ASCII] = 1;
  return set;
}

function isIn({ has, isNegated, ignoresCase }: ClassItem, code: number): boolean {
  return (ignoresCase ? casesOf(code).some(has) : has(code)) !== isNegated;
}

function casesOf(code: number): readonly number[] {
  const character = String.fromCharCode(code);
  const lower = character.toLowerCase();
  const cases = [lower.charCodeAt(0), character.toUpperCase().charCodeAt(0)];
  // Two characters beyond ASCII have one in it for their other case.
  if (lower === "s") cases.push(LONG_S);
  if (lower === "k") cases.push(KELVIN_SIGN);
  return cases;
}
