import { PatternSyntaxError } from "./pattern.ts";

const CONTROL_ESCAPES: ReadonlyMap<string, number> = new Map([
  ["a", 0x07],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
]);
const LAST_CODE_POINT = 0x10_ffff;
const OCTAL_DIGITS = 3;

/** The text of an expression and a place in it; reads what stands inside and outside of character classes alike. */
export class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  /** "" at the end. */
  get next(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  take(): string {
    const { next } = this;
    this.#at += next.length;
    return next;
  }

  /** Goes on behind `expected`, if that is what comes. */
  skip(expected: string): boolean {
    const isNext = this.isAt(expected);
    if (isNext) this.#at += expected.length;
    return isNext;
  }

  isAt(expected: string): boolean {
    return this.#text.startsWith(expected, this.#at);
  }

  /** What the sticky expression matches here, or undefined. */
  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found;
  }

  /** A character or an escape for one; stands at it. */
  character(): number {
    if (!this.skip("\\")) return this.take().codePointAt(0)!;
    if (this.isAtEnd) throw new PatternSyntaxError("trailing backslash at end of expression");
    const escaped = this.take();
    const code = this.#escape(escaped);
    if (code === undefined || code > LAST_CODE_POINT) throw new PatternSyntaxError("invalid escape sequence");
    return code;
  }

  #escape(escaped: string): number | undefined {
    if (!/^[0-9A-Za-z]$/.test(escaped)) return escaped.codePointAt(0)!;
    // A single digit would be a reference to a group, which no expression of linear time can have.
    if (escaped === "0" || (/[1-7]/.test(escaped) && /[0-7]/.test(this.next))) return this.#octal(escaped);
    if (escaped === "x") {
      const found = this.match(/\{0*([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})/y);
      return found === undefined ? undefined : Number.parseInt(found[1] ?? found[2]!, 16);
    }
    return CONTROL_ESCAPES.get(escaped);
  }

  #octal(first: string): number {
    let digits = first;
    while (digits.length < OCTAL_DIGITS && /[0-7]/.test(this.next)) digits += this.take();
    return Number.parseInt(digits, 8);
  }
}
