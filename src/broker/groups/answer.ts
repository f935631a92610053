import type { ErrorName } from "../../protocol/index.ts";

/** Gives a request its answer, at once or when the group gets so far. Only the first call counts. */
export type Answer<T> = (answer: T) => void;

export interface Refused {
  readonly error: ErrorName;
}
