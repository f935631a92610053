import type { ErrorName } from "../../src/protocol/index.ts";

/** What an answer with error codes must look like. */
export interface Refusal {
  /** All error codes of the answer, each once. */
  readonly errors: readonly ErrorName[];
  readonly because: string;
}

export const NONE: Refusal = { errors: [], because: "" };

export function refusal(because: string, ...errors: readonly ErrorName[]): Refusal {
  return { errors, because };
}
