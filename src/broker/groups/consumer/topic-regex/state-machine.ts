import { type Assertion, type Pattern, PatternSyntaxError } from "./pattern.ts";
import { type CharacterSet, isInSet, isWordCharacter } from "./topic-characters.ts";

/**
 * Bounds the work of a match, which is at most the states times the characters of a name, and that of building the machine:
 * repetitions inside repetitions multiply. Kafka has no such bound.
 */
const MOST_STEPS = 10_000;

/** Where a machine can be. From a state with a set it goes on by reading a character; from the others it goes on at once. */
type State =
  | { readonly set: CharacterSet; readonly next: number }
  | { readonly holds: Assertion; readonly next: number }
  | { readonly either: readonly number[] };

/** A machine that is in all states at once to which some way of reading leads (Ken Thompson, 1968): it never goes back. */
export class StateMachine {
  readonly #states: readonly State[];
  readonly #start: number;

  /** @throws PatternSyntaxError if it would be too big */
  constructor(pattern: Pattern) {
    const builder = new MachineBuilder();
    this.#start = builder.build(pattern, FINAL);
    this.#states = builder.states;
  }

  /** Whether the expression describes the whole name. */
  matches(name: string): boolean {
    let current = this.#reachable([this.#start], name, 0);
    for (let at = 0; at < name.length && current.size > 0; at++) {
      const code = name.charCodeAt(at);
      const next: number[] = [];
      for (const index of current) {
        const state = this.#states[index]!;
        if ("set" in state && isInSet(state.set, code)) next.push(state.next);
      }
      current = this.#reachable(next, name, at + 1);
    }
    return current.has(FINAL);
  }

  /** The states that can be reached without reading. */
  #reachable(from: readonly number[], name: string, at: number): ReadonlySet<number> {
    const reached = new Set(from);
    // A set hands out what is added while it is gone through.
    for (const index of reached) {
      const state = this.#states[index]!;
      if ("either" in state) for (const next of state.either) reached.add(next);
      else if ("holds" in state && holdsAt(state.holds, name, at)) reached.add(state.next);
    }
    return reached;
  }
}

/** The index of the state in which everything has been read. */
const FINAL = 0;

class MachineBuilder {
  readonly states: State[] = [{ either: [] }];
  #steps = 0;

  /** Builds from the end to the beginning. @returns where to begin, so as to come to `next` behind the pattern */
  build(pattern: Pattern, next: number): number {
    if (++this.#steps > MOST_STEPS) throw new PatternSyntaxError("expression is too big");
    switch (pattern.kind) {
      case "character":
        return this.#add({ set: pattern.set, next });
      case "assertion":
        return this.#add({ holds: pattern.holds, next });
      case "sequence":
        return pattern.parts.reduceRight((behind, part) => this.build(part, behind), next);
      case "choice":
        return this.#add({ either: pattern.alternatives.map((alternative) => this.build(alternative, next)) });
      case "repeat":
        return this.#repeat(pattern.part, pattern.min, pattern.max, next);
    }
  }

  #repeat(part: Pattern, min: number, max: number, next: number): number {
    const isEndless = max === Number.POSITIVE_INFINITY;
    let start = isEndless ? this.#loop(part, min === 0, next) : next;
    if (!isEndless) for (let count = min; count < max; count++) start = this.#add({ either: [this.build(part, start), next] });
    const required = isEndless ? min - 1 : min;
    for (let count = 0; count < required; count++) start = this.build(part, start);
    return start;
  }

  #loop(part: Pattern, isOptional: boolean, next: number): number {
    const either: number[] = [];
    const again = this.#add({ either });
    const once = this.build(part, again);
    either.push(once, next);
    return isOptional ? again : once;
  }

  #add(state: State): number {
    return this.states.push(state) - 1;
  }
}

function holdsAt(assertion: Assertion, name: string, at: number): boolean {
  if (assertion === "begin") return at === 0;
  if (assertion === "end") return at === name.length;
  const isBoundary = isWordAt(name, at - 1) !== isWordAt(name, at);
  return isBoundary === (assertion === "wordBoundary");
}

function isWordAt(name: string, at: number): boolean {
  return isWordCharacter(at >= 0 && at < name.length ? name.charCodeAt(at) : undefined);
}
