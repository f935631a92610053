/**
 * Tagged fields that the sender knew and we do not. They are kept with the struct they stood in, under a symbol, so that
 * re-encoding gives the same bytes and no field name can collide with them.
 */
export interface UnknownTag {
  readonly tag: number;
  readonly data: Uint8Array;
}

const UNKNOWN_TAGS: unique symbol = Symbol("unknownTags");

interface Tagged {
  readonly [UNKNOWN_TAGS]?: readonly UnknownTag[];
}

const NONE: readonly UnknownTag[] = Object.freeze([]);

/** The unknown tagged fields of a decoded struct, ascending by tag. */
export function unknownTagsOf(struct: object): readonly UnknownTag[] {
  const tagged: Tagged = struct;
  return tagged[UNKNOWN_TAGS] ?? NONE;
}

/** The same struct, with these unknown tagged fields. */
export function withUnknownTags<T>(struct: T, tags: readonly UnknownTag[]): T {
  return { ...struct, [UNKNOWN_TAGS]: tags };
}
