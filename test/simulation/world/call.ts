/** A call of a client's public method, while it lasts. */
export interface Call {
  readonly clientId: string;
  /** Counted per client, from 1. */
  readonly number: number;
  readonly method: string;
  /** For people: who, which, with what. Made when somebody has found something wrong. */
  readonly title: () => string;
  readonly startedMs: number;
  /** In the clock's monotonic time. */
  readonly deadlineMs: number;
  /** When the caller gives up. */
  readonly abortMs: number | undefined;
  readonly abortReason: Error;
  /** The look at the truth with which it began. */
  readonly fromLook: number;
  /** The client had been closed when it was made. */
  readonly isAfterClose: boolean;
}

export type CallOutcome = { readonly kind: "value"; readonly value: unknown } | { readonly kind: "error"; readonly error: unknown };

export interface EndedCall extends Call {
  readonly endedMs: number;
  readonly toLook: number;
  readonly outcome: CallOutcome;
}
