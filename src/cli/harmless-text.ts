import { UNPRINTABLE } from "../client/errors/harmless-text.ts";

/** Without what a terminal would act on: text on the wire is anybody's, and may hold escape sequences. */
export function harmless(text: string): string {
  return text.replace(UNPRINTABLE, "·");
}

/** JSON in which the same characters stand by their numbers. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, index) => `\\u${hex(character.charCodeAt(index))}`).join(""),
  );
}

function hex(unit: number): string {
  return unit.toString(16).padStart(4, "0");
}
