import { parsePattern } from "./parse-pattern.ts";
import { PatternSyntaxError } from "./pattern.ts";
import { StateMachine } from "./state-machine.ts";

/** An expression that consumers subscribe with, ready to be held against topic names. */
export interface TopicRegex {
  /** Whether it describes the whole name, in time that is linear in its length. */
  matches(topicName: string): boolean;
}

/** @returns what is wrong with the expression, in RE2/J's words, if it is none */
export function compileTopicRegex(expression: string): TopicRegex | { readonly syntaxError: string } {
  try {
    return new StateMachine(parsePattern(expression));
  } catch (error) {
    if (error instanceof PatternSyntaxError) return { syntaxError: error.message };
    throw error;
  }
}
