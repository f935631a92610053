import { Decoder } from "../wire/decoder.ts";
import type { FieldTrace } from "../wire/field-trace.ts";
import type { TagSection, TagSpan } from "../wire/tag-section.ts";
import { TracingDecoder } from "../wire/tracing.ts";
import type { Layout } from "../wire/wire.ts";
import { AnnotationList } from "./annotation-list.ts";
import { noteFor, noteForCompactLength } from "./notes.ts";

/** Explains the record batches between `start` and `end`: the recorder itself knows nothing of them. */
export type ExplainRecords = (bytes: Uint8Array, start: number, end: number, path: string, into: AnnotationList) => void;

/** A tagged field that was located, and is to be read or to stay unknown. */
interface OpenTag {
  readonly span: TagSpan;
  /** Where its tag and size stand, before its payload. */
  readonly headStart: number;
  readonly children: AnnotationList;
  /** Has a field of the layout asked for it? */
  isKnown: boolean;
}

/** A decoder that writes down what each byte is. It is never on the path of production traffic. */
export class Recorder extends TracingDecoder {
  #list: AnnotationList;
  readonly #explainRecords: ExplainRecords;
  #isReadingRecords = false;
  #openTags: readonly OpenTag[] = [];
  #structPath = "";
  #tagSectionStart: number | undefined;
  #tagCountEnd = 0;

  constructor(
    list: AnnotationList,
    explainRecords: ExplainRecords,
    trace: FieldTrace,
    ...decoderArguments: ConstructorParameters<typeof Decoder>
  ) {
    super(trace, ...decoderArguments);
    this.#list = list;
    this.#explainRecords = explainRecords;
  }

  override boolean(): boolean {
    return this.#leaf("boolean", () => super.boolean());
  }
  override int8(): number {
    return this.#leaf("int8", () => super.int8());
  }
  override int16(): number {
    return this.#leaf("int16", () => super.int16());
  }
  override uint16(): number {
    return this.#leaf("uint16", () => super.uint16());
  }
  override int32(): number {
    return this.#leaf("int32", () => super.int32());
  }
  override int64(): bigint {
    return this.#leaf("int64", () => super.int64());
  }
  override int53(): number {
    return this.#exactLeaf("int64");
  }
  override offset(): number {
    return this.#exactLeaf("offset");
  }
  override timestamp(): number {
    return this.#exactLeaf("timestamp");
  }
  override float64(): number {
    return this.#leaf("float64", () => super.float64());
  }
  override uuid(): string {
    return this.#leaf("uuid", () => super.uuid());
  }

  override string(): string {
    return this.#group(this.#compact("string"), () => super.string());
  }
  override nullableString(_value?: string | null, absent?: string | null, nullableSince?: number): string | null {
    return this.#group(this.#compact("nullable string"), () => super.nullableString(null, absent, nullableSince));
  }
  override classicNullableString(): string | null {
    return this.#group("nullable string", () => super.classicNullableString());
  }
  override bytes(): Uint8Array {
    return this.#group(this.#compact("bytes"), () => super.bytes());
  }
  override nullableBytes(_value?: Uint8Array | null, absent?: Uint8Array | null, nullableSince?: number): Uint8Array | null {
    return this.#group(this.#compact("nullable bytes"), () => super.nullableBytes(null, absent, nullableSince));
  }
  override records(): Uint8Array {
    return this.#readingRecords(() => super.records());
  }
  override nullableRecords(): Uint8Array | null {
    return this.#readingRecords(() => super.nullableRecords());
  }
  override array<T>(_value: readonly T[] | undefined, element: Layout<T>): readonly T[] {
    return this.#group(this.#compact("array"), () => super.array(undefined, element));
  }
  override nullableArray<T>(
    _value: readonly T[] | null | undefined,
    element: Layout<T>,
    absent?: readonly T[] | null,
    nullableSince?: number,
  ): readonly T[] | null {
    return this.#group(this.#compact("nullable array"), () => super.nullableArray(undefined, element, absent, nullableSince));
  }
  override struct<T>(_value: T | undefined, layout: Layout<T>): T {
    if (!layout.isStruct) return super.struct(undefined, layout);
    return this.#group("struct", () => this.#withTags(() => super.struct(undefined, layout)));
  }

  protected override stringLength(): number {
    return this.flexible ? this.#compactLength(() => super.stringLength()) : super.stringLength();
  }
  protected override classicStringLength(): number {
    return this.#part("length", "int16", () => super.classicStringLength(), nullNote);
  }
  protected override bytesLength(): number {
    if (this.flexible) return this.#compactLength(() => super.bytesLength());
    return this.#part("length", "int32", () => super.bytesLength(), nullNote);
  }
  protected override arrayLength(minimumSize: number): number {
    if (this.flexible) return this.#compactLength(() => super.arrayLength(minimumSize));
    return this.#part("length", "int32", () => super.arrayLength(minimumSize), nullNote);
  }
  protected override presence(): boolean {
    return this.#part(
      "presence",
      "int8",
      () => super.presence(),
      (isPresent) => (isPresent ? "1: the struct follows" : "-1: null"),
    );
  }
  protected override utf8(length: number): string {
    return length === 0 ? super.utf8(length) : this.#part("text", "utf-8", () => super.utf8(length));
  }
  protected override view(length: number): Uint8Array {
    const start = this.position;
    const bytes = super.view(length);
    if (length === 0) return bytes;
    if (this.#isReadingRecords) this.#explainRecords(this.buffer, start, this.position, this.trace.path, this.#list);
    else this.#list.leaf({ name: "content", path: `${this.trace.path}.content`, type: "bytes" }, start, this.position, bytes);
    return bytes;
  }
  /** Numbers that production code refuses are shown all the same. */
  protected override safeInteger(start: number): number {
    return Number(this.#exact(start));
  }
  protected override tagSection(): TagSection {
    const start = this.position;
    const section = super.tagSection();
    const heads = new Decoder(this.buffer, this.version, true, start, this.end);
    heads.unsignedVarint();
    this.#tagSectionStart = start;
    this.#tagCountEnd = heads.position;
    this.#openTags = openTags(heads, section.spans, this.#structPath);
    return section;
  }
  protected override fieldDecoder(start: number, end: number): Decoder {
    const open = this.#openTags.find(({ span }) => span.start === start);
    if (open === undefined) return super.fieldDecoder(start, end);
    open.isKnown = true;
    return new Recorder(open.children, this.#explainRecords, this.trace, this.buffer, this.version, true, start, end);
  }

  #leaf<T>(type: string, read: () => T): T {
    const start = this.position;
    const value = read();
    this.#list.leaf({ ...this.#label(type), note: noteFor(this.trace.field, type, value) }, start, this.position, value);
    return value;
  }

  /** An int64 whose exact value is shown, as a bigint where a number would round it. */
  #exactLeaf(type: string): number {
    const start = this.position;
    const rounded = super.int53();
    const exact = this.#exact(start);
    const value = BigInt(rounded) === exact && Number.isSafeInteger(rounded) ? rounded : exact;
    this.#list.leaf({ ...this.#label(type), note: noteFor(this.trace.field, type, value) }, start, this.position, value);
    return rounded;
  }

  #exact(start: number): bigint {
    return new DataView(this.buffer.buffer, this.buffer.byteOffset).getBigInt64(start);
  }

  /** A part of a field that is not a field itself: its length, or its content. */
  #part<T>(name: string, type: string, read: () => T, noteOf?: (value: T) => string | undefined): T {
    const start = this.position;
    const value = read();
    this.#list.leaf({ name, path: `${this.trace.path}.${name}`, type, note: noteOf?.(value) }, start, this.position, value);
    return value;
  }

  #compactLength(read: () => number): number {
    const start = this.position;
    const length = read();
    const label = { name: "length", path: `${this.trace.path}.length`, type: "uvarint", note: noteForCompactLength(length) };
    this.#list.leaf(label, start, this.position, length + 1);
    return length;
  }

  #compact(type: string): string {
    return this.flexible ? `compact ${type}` : type;
  }

  #label(type: string): { name: string; path: string; type: string } {
    const { path, field } = this.trace;
    return { name: field === "" ? (path.match(/[^.[]*$|\[\d+\]$/)?.[0] ?? path) : field, path, type };
  }

  /** Collects what `read` records into a parent; also what it recorded before it failed. */
  #group<T>(type: string, read: () => T): T {
    const label = this.#label(type);
    const outer = this.#list;
    const start = this.position;
    const children = new AnnotationList();
    this.#list = children;
    try {
      return read();
    } finally {
      this.#list = outer;
      outer.group(label, start, children);
    }
  }

  #readingRecords<T>(read: () => T): T {
    this.#isReadingRecords = true;
    try {
      return this.#group(this.#compact("records"), read);
    } finally {
      this.#isReadingRecords = false;
    }
  }

  /** Runs the reading of one struct, then adds its tag section: its fields are only known by then. */
  #withTags<T>(read: () => T): T {
    const outer = { path: this.#structPath, start: this.#tagSectionStart };
    this.#structPath = this.trace.path;
    this.#tagSectionStart = undefined;
    try {
      return read();
    } finally {
      this.#addTagSection();
      this.#structPath = outer.path;
      this.#tagSectionStart = outer.start;
    }
  }

  #addTagSection(): void {
    const start = this.#tagSectionStart;
    if (start === undefined) return;
    const path = `${this.#structPath}.taggedFields`.replace(/^\./, "");
    const section = new AnnotationList();
    const note = this.#openTags.length === 0 ? "no tagged fields" : "how many tagged fields follow";
    section.leaf({ name: "count", path: `${path}.count`, type: "uvarint", note }, start, this.#tagCountEnd, this.#openTags.length);
    for (const { span, headStart, children, isKnown } of this.#openTags) {
      const tagPath = `${path}[${span.tag}]`;
      if (!isKnown) this.#labelUnknownTag(span, tagPath, children);
      section.group({ name: `tag ${span.tag}`, path: tagPath, type: "tagged field" }, headStart, children);
    }
    this.#openTags = [];
    this.#list.group({ name: "taggedFields", path, type: "tagged fields" }, start, section);
  }

  #labelUnknownTag({ start, end }: TagSpan, path: string, children: AnnotationList): void {
    if (end === start) return;
    const label = { name: "content", path: `${path}.content`, type: "bytes", note: "an unknown tagged field, kept as it is" };
    children.leaf(label, start, end, this.buffer.subarray(start, end));
  }
}

function nullNote(length: number): string | undefined {
  return length < 0 ? "null" : undefined;
}

/** Reads the heads (tag and size) of a tag section once more, from behind its count, and labels them. */
function openTags(decoder: Decoder, spans: readonly TagSpan[], structPath: string): readonly OpenTag[] {
  return spans.map((span) => {
    const path = `${structPath}.taggedFields[${span.tag}]`.replace(/^\./, "");
    const children = new AnnotationList();
    const headStart = decoder.position;
    decoder.unsignedVarint();
    children.leaf({ name: "tag", path: `${path}.tag`, type: "uvarint" }, headStart, decoder.position, span.tag);
    const sizeStart = decoder.position;
    decoder.unsignedVarint();
    const size = span.end - span.start;
    children.leaf(
      { name: "size", path: `${path}.size`, type: "uvarint", note: `${size} bytes of payload` },
      sizeStart,
      decoder.position,
      size,
    );
    decoder.position = span.end;
    return { span, headStart, children, isKnown: false };
  });
}
