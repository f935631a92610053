import { bracketClass, escapedGroup } from "./character-class.ts";
import { type Assertion, type Pattern, PatternSyntaxError } from "./pattern.ts";
import { PatternReader } from "./pattern-reader.ts";
import { ANY_CHARACTER, range, setOfItems } from "./topic-characters.ts";

const MOST_REPETITIONS = 1000;
/** Deeper than anybody writes, and shallow enough for the call stack. */
const DEEPEST_NESTING = 1000;

const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  ["^", "begin"],
  ["\\A", "begin"],
  ["$", "end"],
  ["\\z", "end"],
  ["\\b", "wordBoundary"],
  ["\\B", "noWordBoundary"],
]);

/** What stands between two parentheses, as far as it has been read. */
interface Level {
  readonly alternatives: Pattern[];
  parts: Pattern[];
  /** The flag as it was before the group, and is again behind it. */
  readonly ignoredCaseBefore: boolean;
}

/**
 * Reads the syntax of RE2/J, with which Kafka reads these expressions: without references and look-around, so that matching takes
 * linear time.
 *
 * @throws PatternSyntaxError
 */
export function parsePattern(text: string): Pattern {
  return new PatternParser(text).parse();
}

class PatternParser {
  readonly #reader: PatternReader;
  readonly #names = new Set<string>();
  readonly #outer: Level[] = [];
  #level: Level = { alternatives: [], parts: [], ignoredCaseBefore: false };
  #ignoresCase = false;
  #isBehindRepetition = false;

  constructor(text: string) {
    this.#reader = new PatternReader(text);
  }

  parse(): Pattern {
    while (!this.#reader.isAtEnd) {
      const wasRepetition = this.#repetition();
      if (!wasRepetition) this.#element();
      this.#isBehindRepetition = wasRepetition;
    }
    if (this.#outer.length > 0) throw new PatternSyntaxError("missing closing )");
    return wholeOf(this.#level);
  }

  #element(): void {
    const reader = this.#reader;
    if (reader.isAt("(?P<") || reader.isAt("(?<")) this.#namedGroup();
    else if (reader.isAt("(?")) this.#flags();
    else if (reader.skip("(")) this.#open(this.#ignoresCase);
    else if (reader.skip(")")) this.#close();
    else if (reader.skip("|")) this.#nextAlternative();
    else if (reader.skip("[")) this.#push({ kind: "character", set: bracketClass(reader, this.#ignoresCase) });
    else if (reader.skip(".")) this.#push({ kind: "character", set: ANY_CHARACTER });
    else if (reader.skip("\\Q")) this.#quoted();
    else this.#assertionOrCharacter();
  }

  #assertionOrCharacter(): void {
    const reader = this.#reader;
    const assertion = reader.match(/[\^$]|\\[AzbB]/y);
    const group = assertion === undefined ? escapedGroup(reader, this.#ignoresCase) : undefined;
    if (assertion !== undefined) this.#push({ kind: "assertion", holds: ASSERTIONS.get(assertion[0])! });
    else if (group !== undefined) this.#push({ kind: "character", set: setOfItems([group]) });
    else this.#pushCharacter(reader.character());
  }

  #quoted(): void {
    const reader = this.#reader;
    while (!reader.isAtEnd && !reader.skip("\\E")) this.#pushCharacter(reader.take().codePointAt(0)!);
  }

  /** @returns whether there was one */
  #repetition(): boolean {
    const bounds = this.#repetitionBounds();
    if (bounds === undefined) return false;
    this.#reader.skip("?"); // fewest first, which makes no difference here
    if (this.#isBehindRepetition) throw new PatternSyntaxError("invalid nested repetition operator");
    const part = this.#level.parts.pop();
    if (part === undefined) throw new PatternSyntaxError("missing argument to repetition operator");
    this.#push({ kind: "repeat", part, ...bounds });
    return true;
  }

  #repetitionBounds(): { readonly min: number; readonly max: number } | undefined {
    const reader = this.#reader;
    if (reader.skip("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (reader.skip("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (reader.skip("?")) return { min: 0, max: 1 };
    // Whatever looks different is no repetition, but a brace.
    const found = reader.match(/\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}/y);
    if (found === undefined) return undefined;
    const min = Number(found[1]);
    const last = found[2] === undefined ? min : found[3] === undefined ? undefined : Number(found[3]);
    if (min > MOST_REPETITIONS || (last !== undefined && (last > MOST_REPETITIONS || last < min))) {
      throw new PatternSyntaxError("invalid repeat count");
    }
    return { min, max: last ?? Number.POSITIVE_INFINITY };
  }

  /** `(?i)`, `(?i-s:…)`. */
  #flags(): void {
    const reader = this.#reader;
    const found = reader.match(/\(\?([imsU]*)(?:-([imsU]+))?([:)])/y);
    if (found === undefined) throw new PatternSyntaxError("invalid or unsupported Perl syntax");
    const before = this.#ignoresCase;
    if (found[1]!.includes("i")) this.#ignoresCase = true;
    if (found[2]?.includes("i") === true) this.#ignoresCase = false;
    if (found[3] === ":") this.#open(before);
  }

  #namedGroup(): void {
    const name = this.#reader.match(/\(\?P?<([0-9A-Za-z_]+)>/y)?.[1];
    if (name === undefined) throw new PatternSyntaxError("invalid named capture");
    if (this.#names.has(name)) throw new PatternSyntaxError("duplicate capture group name");
    this.#names.add(name);
    this.#open(this.#ignoresCase);
  }

  #open(ignoredCaseBefore: boolean): void {
    this.#outer.push(this.#level);
    if (this.#outer.length > DEEPEST_NESTING) throw new PatternSyntaxError("expression nests too deeply");
    this.#level = { alternatives: [], parts: [], ignoredCaseBefore };
  }

  #close(): void {
    const group = this.#level;
    const outer = this.#outer.pop();
    if (outer === undefined) throw new PatternSyntaxError("regexp/syntax: internal error");
    this.#level = outer;
    this.#ignoresCase = group.ignoredCaseBefore;
    this.#push(wholeOf(group));
  }

  #nextAlternative(): void {
    this.#level.alternatives.push(sequenceOf(this.#level.parts));
    this.#level.parts = [];
  }

  #pushCharacter(code: number): void {
    this.#push({ kind: "character", set: setOfItems([range(code, code, this.#ignoresCase)]) });
  }

  #push(part: Pattern): void {
    this.#level.parts.push(part);
  }
}

function wholeOf({ alternatives, parts }: Level): Pattern {
  const last = sequenceOf(parts);
  return alternatives.length === 0 ? last : { kind: "choice", alternatives: [...alternatives, last] };
}

function sequenceOf(parts: readonly Pattern[]): Pattern {
  return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
}
