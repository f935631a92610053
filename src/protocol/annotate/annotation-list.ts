import type { Annotation, Unfolded } from "./annotation.ts";

/** What there is to say of a range besides where it lies and what it holds. */
export interface Label {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly note?: string | undefined;
  readonly inside?: Unfolded | undefined;
}

/** Collects the annotations of one level. */
export class AnnotationList {
  readonly #items: Annotation[] = [];

  leaf({ name, path, type, note, inside }: Label, start: number, end: number, value: unknown): void {
    const optional = { ...(note === undefined ? {} : { note }), ...(inside === undefined ? {} : { inside }) };
    this.#items.push({ path, name, type, start, end, value, ...optional });
  }

  /** A parent of everything in `children`; where they leave gaps (only malformed input does), the gaps are said to be unread. */
  group({ name, path, type, note }: Label, start: number, children: AnnotationList): void {
    const inner = children.sorted();
    const end = inner.reduce((furthest, child) => Math.max(furthest, child.end), start);
    const whole = withoutGaps(inner, start, end, path);
    this.#items.push({ path, name, type, start, end, value: undefined, ...(note === undefined ? {} : { note }), children: whole });
  }

  /** In the order of their bytes: tagged fields are located before they are read. */
  sorted(): readonly Annotation[] {
    return this.#items.toSorted((one, other) => one.start - other.start || one.end - other.end);
  }
}

/** The same annotations, and one for every stretch between `start` and `end` that none of them covers. */
export function withoutGaps(
  items: readonly Annotation[],
  start: number,
  end: number,
  path: string,
  note?: string,
): readonly Annotation[] {
  const whole: Annotation[] = [];
  let position = start;
  for (const item of items) {
    if (item.start > position) whole.push(unread(position, item.start, path, note));
    whole.push(item);
    position = Math.max(position, item.end);
  }
  if (end > position) whole.push(unread(position, end, path, note));
  return whole;
}

function unread(start: number, end: number, path: string, note = "not read, because something before it is malformed"): Annotation {
  return { path: path === "" ? "unread" : `${path}.unread`, name: "unread", type: "malformed", start, end, value: undefined, note };
}
