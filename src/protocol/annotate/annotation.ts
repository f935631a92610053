/** One labelled range of bytes. The leaves of a tree cover every byte exactly once; a parent spans its children. */
export interface Annotation {
  /** From the top of the message, e.g. `body.topics[0].partitions[2].fetchOffset`. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  /** What lies on the wire, e.g. `int32`, `compact string`, `uvarint`. */
  readonly type: string;
  /** First byte, counted from the start of what was annotated. */
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
  /** What was read: a number, bigint, string, boolean, bytes or null; undefined for structs and arrays, whose parts tell. */
  readonly value: unknown;
  /** What a reader may want to know: how a length is counted, what a sentinel means, what is wrong. */
  readonly note?: string;
  readonly children?: readonly Annotation[];
  /** For a compressed stretch: what it unfolds to. Positions inside count from the start of the unfolded bytes. */
  readonly inside?: Unfolded;
}

/** Decompressed bytes and what they are. */
export interface Unfolded {
  readonly bytes: Uint8Array;
  readonly annotations: readonly Annotation[];
}

/** The leaves, in the order of their bytes. */
export function* leavesOf(annotation: Annotation): Generator<Annotation, void, undefined> {
  const { children = [] } = annotation;
  if (children.length === 0 && annotation.end > annotation.start) yield annotation;
  for (const child of children) yield* leavesOf(child);
}
