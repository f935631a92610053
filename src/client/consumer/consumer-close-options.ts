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
