/** What a regular expression says, as a tree. Groups leave no trace: nobody asks what they captured. */
import type { CharacterSet } from "./topic-characters.ts";

export type Pattern =
  | { readonly kind: "character"; readonly set: CharacterSet }
  | { readonly kind: "assertion"; readonly holds: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly alternatives: readonly Pattern[] }
  /** `max` is infinite for `*` and the like. Greedy or not makes no difference to whether it matches. */
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number };

/** Names have one line, so the beginning of a line is the beginning of the name. */
export type Assertion = "begin" | "end" | "wordBoundary" | "noWordBoundary";

/** The expression is none, or one that is too big; in the words of RE2/J, which clients of Kafka get to see. */
export class PatternSyntaxError extends Error {
  override readonly name = "PatternSyntaxError";
}
