import type { Decoder } from "./decoder.ts";
import type { UnknownTag } from "./unknown-tags.ts";

/** Where the payload of one tagged field lies. */
export interface TagSpan {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The tagged fields at the end of a flexible struct (KIP-482): a count, then (tag, size, payload) with ascending tags. The
 * section is located as a whole, then each known field is read from its own span; what nobody asked for stays unknown.
 */
export class TagSection {
  readonly spans: readonly TagSpan[];
  #next = 0;
  #skipped: TagSpan[] | undefined;

  constructor(spans: readonly TagSpan[]) {
    this.spans = spans;
  }

  /** The span of a known tag, or `undefined` when it was not sent. Layouts ask in ascending order. */
  take(tag: number): TagSpan | undefined {
    for (let span = this.spans[this.#next]; span !== undefined && span.tag <= tag; span = this.spans[this.#next]) {
      this.#next++;
      if (span.tag === tag) return span;
      this.#skip(span);
    }
    return undefined;
  }

  /** The tags that no field of the layout took. */
  leftOver(buffer: Uint8Array): readonly UnknownTag[] | undefined {
    while (this.#next < this.spans.length) this.#skip(this.spans[this.#next++]!);
    return this.#skipped?.map(({ tag, start, end }) => ({ tag, data: buffer.subarray(start, end) }));
  }

  #skip(span: TagSpan): void {
    this.#skipped ??= [];
    this.#skipped.push(span);
  }
}

/** Nothing to take and nothing left over, so one is enough for all. */
const EMPTY: TagSection = new TagSection([]);

const MAX_TAGS = 10_000;

/** Reads count, tags and sizes, and leaves the decoder after the section. */
export function readTagSection(decoder: Decoder): TagSection {
  const start = decoder.position;
  const count = decoder.unsignedVarint();
  if (count === 0) return EMPTY;
  // Each field takes at least two bytes, its tag and its size.
  if (count * 2 > decoder.remaining) decoder.fail(`${count} tagged fields cannot fit into ${decoder.remaining} bytes`, start);
  // Kafka's own limit; without it, empty fields would cost fifty times the memory that they have bytes.
  if (count > MAX_TAGS) decoder.fail(`${count} tagged fields; at most ${MAX_TAGS} are read`, start);
  const spans: TagSpan[] = [];
  for (let i = 0, previous = -1; i < count; i++) previous = readSpan(decoder, previous, spans);
  return new TagSection(spans);
}

function readSpan(decoder: Decoder, previous: number, spans: TagSpan[]): number {
  const start = decoder.position;
  const tag = decoder.unsignedVarint();
  if (tag <= previous) decoder.fail(`tag ${tag} after tag ${previous}: tags must ascend`, start);
  const size = decoder.unsignedVarint();
  if (size > decoder.remaining) decoder.fail(`tag ${tag} declares ${size} bytes, ${decoder.remaining} are left`, start);
  spans.push({ tag, start: decoder.position, end: decoder.position + size });
  decoder.position += size;
  return tag;
}
