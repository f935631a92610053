/** What an error code in the answer to Fetch means for a reader: one table for partitions, one for whole answers. */
import { errorByName, errorCode } from "../../../protocol/index.ts";
import { classOfCode } from "../../cluster/error-classes.ts";

/**
 * What is to be done about a partition.
 *
 * - `retry`: the same again, after a pause; the position stays
 * - `ask leader`: the replica is behind or ahead of its leader, who knows better
 * - `reset`: the log does not have that offset
 * - `problem`: only a person can help
 */
export interface PartitionVerdict {
  readonly kind: "retry" | "ask leader" | "reset" | "problem";
  /** Something else than what is known of the cluster is true. */
  readonly needsMetadata: boolean;
  /** The session names topics that are others by now. */
  readonly restartsSession: boolean;
  /** Nobody knows why; somebody should hear of it. */
  readonly isOdd: boolean;
}

const NONE: PartitionVerdict = { kind: "retry", needsMetadata: false, restartsSession: false, isOdd: false };

const codeOf = (name: Parameters<typeof errorByName>[0]): number => errorByName(name).code;

/** What is different from what `error-classes.ts` says of a code in general. */
const exceptions: ReadonlyMap<number, PartitionVerdict> = new Map([
  [codeOf("OFFSET_OUT_OF_RANGE"), { ...NONE, kind: "reset" }],
  // A new leader does not know its high watermark yet: it may have been deposed already (Java: FetchCollector).
  [codeOf("OFFSET_NOT_AVAILABLE"), { ...NONE, needsMetadata: true }],
  [codeOf("INCONSISTENT_TOPIC_ID"), { ...NONE, needsMetadata: true, restartsSession: true }],
  // The log itself is damaged, and its next reader will find it so (Java: FetchCollector).
  [codeOf("CORRUPT_MESSAGE"), { ...NONE, kind: "problem" }],
  // Java retries silently; it may be a disk, a bug, or something that is over in a moment.
  [codeOf("UNKNOWN_SERVER_ERROR"), { ...NONE, isOdd: true }],
]);

/** @param isFollower it was a replica that was asked, which does not lead */
export function verdictOfPartition(code: number, isFollower: boolean): PartitionVerdict {
  const exception = exceptions.get(code);
  // F2: followers have more, or less, than their leader.
  if (exception?.kind === "reset" && isFollower) return { ...NONE, kind: "ask leader" };
  if (exception !== undefined) return exception;
  // A code that nobody knows is like UNKNOWN_SERVER_ERROR.
  if (isUnknown(code)) return { ...NONE, isOdd: true };
  const { remedy } = classOfCode(code, "Fetch");
  if (remedy === "fatal") return { ...NONE, kind: "problem" };
  return { ...NONE, needsMetadata: remedy !== "retry" };
}

/** What is to be done about an answer that is an error as a whole. The session begins anew in any case. */
export interface AnswerVerdict {
  /** False: the next request is another one, which may succeed at once. */
  readonly backsOff: boolean;
  readonly needsMetadata: boolean;
  /** Every partition has this problem. */
  readonly isProblem: boolean;
}

const sessionErrors: ReadonlyMap<number, boolean> = new Map([
  [codeOf("FETCH_SESSION_ID_NOT_FOUND"), false],
  [codeOf("INVALID_FETCH_SESSION_EPOCH"), false],
  [codeOf("FETCH_SESSION_TOPIC_ID_ERROR"), true],
  [codeOf("INCONSISTENT_TOPIC_ID"), true],
  [codeOf("UNKNOWN_TOPIC_ID"), true],
]);

/** @param failures how many answers in a row were errors, with this one */
export function verdictOfAnswer(code: number, failures: number): AnswerVerdict {
  const needsMetadata = sessionErrors.get(code);
  if (needsMetadata !== undefined) return { backsOff: needsMetadata || failures > 1, needsMetadata, isProblem: false };
  if (isUnknown(code)) return { backsOff: true, needsMetadata: false, isProblem: false };
  const { remedy } = classOfCode(code, "Fetch");
  return { backsOff: true, needsMetadata: remedy === "refresh metadata", isProblem: remedy === "fatal" };
}

function isUnknown(code: number): boolean {
  return errorCode(code).name === "UNKNOWN_SERVER_ERROR";
}
