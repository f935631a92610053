/** What is checked of a call's arguments before anything is sent. All problems are told at once. */
import { IllegalStateError } from "../errors.ts";

export class ArgumentProblems {
  readonly #call: string;
  readonly #problems: string[] = [];

  constructor(call: string) {
    this.#call = call;
  }

  /** Notes `problem` unless `isFine`; true if it is. */
  require(isFine: boolean, problem: () => string): boolean {
    if (!isFine) this.#problems.push(problem());
    return isFine;
  }

  /**
   * Whoever writes JavaScript may hand over one thing where several are wanted.
   *
   * @throws IllegalStateError at once: there is nothing to look through for other problems
   */
  requireList(like: string, items: unknown, isItem: (item: unknown) => boolean = isObject): void {
    const odd: unknown = Array.isArray(items) ? items.find((item) => !isItem(item)) : items;
    const isFine = Array.isArray(items) && items.every(isItem);
    if (!this.require(isFine, () => `takes a list like ${like}, not ${shown(odd, Array.isArray(items))}`)) this.throwIfAny();
  }

  /** Names must be text, not empty, and different from each other. */
  requireNames(what: string, names: readonly unknown[]): void {
    const seen = new Set<unknown>();
    for (const name of names) {
      this.requireName(what, name);
      this.require(!seen.has(name), () => `${what} ${quoted(name)} is named twice`);
      seen.add(name);
    }
  }

  requireName(what: string, name: unknown): boolean {
    return this.require(typeof name === "string" && name !== "", () => `a ${what} needs a name, not ${quoted(name)}`);
  }

  requireInteger(what: string, value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): boolean {
    const isFine = typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    return this.require(isFine, () => `${what} must be a whole number ${range}, not ${quoted(value)}`);
  }

  /** @throws IllegalStateError that lists everything that was noted */
  throwIfAny(): void {
    const [only, ...more] = this.#problems;
    if (only === undefined) return;
    const list = more.length === 0 ? ` ${only}` : this.#problems.map((problem) => `\n  ${problem}`).join("");
    throw new IllegalStateError(`${this.#call}:${list}`);
  }
}

export const MOST_INT32 = 0x7fff_ffff;
export const MOST_INT16 = 0x7fff;

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function shown(odd: unknown, isInList: boolean): string {
  const text = isObject(odd) ? "a single object" : quoted(odd);
  return isInList ? `[${text}]` : text;
}

export function quoted(value: unknown): string {
  return typeof value === "string" ? `'${value}'` : String(value);
}
