/** Who has locked records for us: a broker, as long as the session lasts in which it did. */
export interface LeaseHolder {
  readonly nodeId: number;
  /** Whether it is still that session. */
  isCurrent(life: number): boolean;
}

/** For how long, and where, records are ours. */
export interface Lease {
  readonly holder: LeaseHolder;
  /** Of the session. */
  readonly life: number;
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** Monotonic; not counted from when the answer was read, which may have waited behind a blocked event loop. */
  readonly lockedUntilMs: number;
}

export function isHeld({ holder, life, lockedUntilMs }: Lease, now: number): boolean {
  return now < lockedUntilMs && holder.isCurrent(life);
}
