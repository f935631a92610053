import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import type { FieldTrace } from "./field-trace.ts";
import type { TagSection } from "./tag-section.ts";
import type { Layout } from "./wire.ts";

/**
 * The fast decoder and encoder do not know names. When one of them refuses something, the message is run once more with its
 * tracing twin, which fails at the same place and knows the path of the field there. The happy path pays nothing for it.
 */
export class TracingDecoder extends Decoder {
  readonly trace: FieldTrace;

  constructor(trace: FieldTrace, buffer: Uint8Array, version: number, flexible: boolean, position?: number, end?: number) {
    super(buffer, version, flexible, position, end);
    this.trace = trace;
  }

  override struct<T>(_value: T | undefined, layout: Layout<T>): T {
    return this.trace.within("", () => super.struct(undefined, layout));
  }
  protected override subject<T>(): T {
    return watchNothing<T>(this.trace);
  }
  protected override elements<T>(count: number, element: Layout<T>): readonly T[] {
    const values: T[] = [];
    for (let i = 0; i < count; i++) values.push(this.trace.within(`[${i}]`, () => this.struct(undefined, element)));
    return values;
  }
  protected override tagSection(): TagSection {
    this.trace.enter("taggedFields");
    return super.tagSection();
  }
  protected override fieldDecoder(start: number, end: number): Decoder {
    return new TracingDecoder(this.trace, this.buffer, this.version, true, start, end);
  }
}

/** The tracing twin of the encoder. */
export class TracingEncoder extends Encoder {
  readonly trace: FieldTrace;

  constructor(trace: FieldTrace) {
    super();
    this.trace = trace;
  }

  override struct<T>(value: T | undefined, layout: Layout<T>): T {
    return this.trace.within("", () => super.struct(value, layout));
  }
  protected override subject<T extends object>(it: T): T {
    return this.trace.watch(it);
  }
  protected override elements<T>(values: readonly T[], element: Layout<T>): void {
    values.forEach((value, i) => {
      this.trace.within(`[${i}]`, () => this.struct(value, element));
    });
  }
  protected override payloadEncoder(): Encoder {
    const payload = new TracingEncoder(this.trace);
    payload.begin(this.version, true);
    return payload;
  }
}

/** The watched twin of `nothing()`: every field of it is undefined. */
export function watchNothing<T>(trace: FieldTrace): T {
  const watched: unknown = trace.watch({});
  return watched as T;
}
