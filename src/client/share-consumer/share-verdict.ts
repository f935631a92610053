/** What error codes in the answers of a share session mean. */
import { type ErrorName, errorCode } from "../../protocol/index.ts";
import { classOfCode } from "../cluster/error-classes.ts";

const SESSION_ERRORS: ReadonlySet<string> = new Set<ErrorName>([
  "SHARE_SESSION_NOT_FOUND",
  "INVALID_SHARE_SESSION_EPOCH",
  "SHARE_SESSION_LIMIT_REACHED",
]);

/** The next request has to open another session. */
export function isAboutSession(code: string): boolean {
  return SESSION_ERRORS.has(code);
}

export interface ShareVerdict {
  /** Only a person can help. */
  readonly isProblem: boolean;
  /** Something else than what is known of the cluster is true. */
  readonly needsMetadata: boolean;
  /** Nobody knows why; somebody should hear of it. */
  readonly isOdd: boolean;
}

export function verdictOf(code: number, api: string): ShareVerdict {
  // A code that nobody knows is like this one.
  const isOdd = errorCode(code).name === "UNKNOWN_SERVER_ERROR";
  const { remedy } = classOfCode(code, api);
  return { isOdd, isProblem: remedy === "fatal" && !isOdd, needsMetadata: remedy === "refresh metadata" };
}
