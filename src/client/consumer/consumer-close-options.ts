import { checkFlag, checkOptions, checkTimeout } from "../call-checks.ts";

export interface ConsumerCloseOptions {
  /** Whether what was processed is committed; the default is `enableAutoCommit`. */
  readonly autocommit?: boolean;
  /**
   * Whether the group is told that this member will not come back. By default static members stay, for a session, and others leave. Who
   * stays keeps its partitions from the others until its session is over; one that is not static cannot come back to them (KIP-1092).
   */
  readonly leaveGroup?: boolean;
  /** How long closing may take at most. */
  readonly timeoutMs?: number;
}

/** What `close()` does, the defaults included. */
export interface ConsumerClosing extends ConsumerCloseOptions {
  readonly autocommit: boolean;
  readonly timeoutMs: number;
}

/** How long closing takes at most, if nobody says otherwise: Java's. */
const CLOSE_MS = 30_000;

/** @throws IllegalStateError when one of them is not what it has to be. */
export function closingFrom(options: ConsumerCloseOptions, commitsByDefault: boolean): ConsumerClosing {
  checkOptions("close", options);
  const { autocommit = commitsByDefault, leaveGroup, timeoutMs = CLOSE_MS } = options;
  checkTimeout("close", timeoutMs);
  checkFlag("close", "autocommit", autocommit);
  if (leaveGroup !== undefined) checkFlag("close", "leaveGroup", leaveGroup);
  return { ...options, autocommit, timeoutMs };
}
