import { type ErrorName, errorByName } from "../protocol/index.ts";

/** The number of an error: `codeOf("NOT_LEADER_OR_FOLLOWER")`. */
export function codeOf(name: ErrorName): number {
  return errorByName(name).code;
}

export const NONE = 0;
