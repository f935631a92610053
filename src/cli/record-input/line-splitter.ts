export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end. Empty if it was too long. */
  readonly bytes: Buffer;
  /** Empty for the last line of an input that does not end with a line's end. */
  readonly end: "\n" | "\r\n" | "";
  readonly isTooLong: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = Buffer.from("\ufeff");
/** No broker takes records that are near it; an input without any line's end must not fill the memory. */
const LONGEST_LINE_BYTES = 128 * 1024 * 1024;

/** Lines out of pieces of any size, as bytes: a character may be cut in two by a piece's end. */
export class LineSplitter {
  readonly #longest: number;
  /** The beginning of a line whose end has not come. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #isTooLong = false;
  #number = 0;

  constructor(longest: number = LONGEST_LINE_BYTES) {
    this.#longest = longest;
  }

  *push(piece: Uint8Array): Generator<Line> {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      const part = bytes.subarray(start, end);
      start = end + 1;
      if (this.#isWhole(part)) yield this.#line(part, true, false);
      else {
        this.#keep(part);
        yield this.#take(true);
      }
    }
    this.#keep(bytes.subarray(start));
  }

  *end(): Generator<Line> {
    if (this.#bytes > 0 || this.#isTooLong) yield this.#take(false);
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#isTooLong ||= this.#bytes + part.length > this.#longest;
    if (this.#isTooLong) {
      this.#parts = [];
      this.#bytes = 0;
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  /** Most lines are: they begin and end in one piece. */
  #isWhole(part: Buffer): boolean {
    return this.#bytes === 0 && !this.#isTooLong && part.length <= this.#longest;
  }

  #take(hasEnd: boolean): Line {
    const whole = Buffer.concat(this.#parts);
    const isTooLong = this.#isTooLong;
    this.#parts = [];
    this.#bytes = 0;
    this.#isTooLong = false;
    return this.#line(whole, hasEnd, isTooLong);
  }

  #line(whole: Buffer, hasEnd: boolean, isTooLong: boolean): Line {
    const bytes = ++this.#number === 1 ? unmarked(whole) : whole;
    if (!hasEnd || bytes[bytes.length - 1] !== CR) return { number: this.#number, bytes, end: hasEnd ? "\n" : "", isTooLong };
    return { number: this.#number, bytes: bytes.subarray(0, -1), end: "\r\n", isTooLong };
  }
}

function unmarked(bytes: Buffer): Buffer {
  const mark = bytes.subarray(0, BYTE_ORDER_MARK.length);
  return mark.equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}

export function tooLong({ number }: Line): { readonly line: number; readonly problem: string } {
  return { line: number, problem: `is longer than ${LONGEST_LINE_BYTES / 1024 / 1024} MiB, and is left out` };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined if it is no UTF-8. */
export function textFrom(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
