import type { ConsumerOptions } from "../../../../src/index.ts";

/** How a member reads; `careless` and `leaping` are faults, planted as a control. */
export type WayName = "poll" | "iterate" | "batches" | "run" | "run-batches" | "run-by-key" | "careless" | "leaping";

/**
 * How it commits: by itself; by `commit()` where everything that it was handed is processed; by `commit(offsets)`; by `commitAsync(offsets)`.
 */
export type CommitStyle = "automatic" | "positions" | "offsets" | "async";

/** What a member is told when it is started: goes to its process as JSON. */
export interface MemberSpec {
  /** Nobody else's. */
  readonly member: string;
  readonly group: string;
  readonly options: ConsumerOptions;
  readonly topics: readonly string[];
  readonly way: WayName;
  readonly commits: CommitStyle;
  /** Its handler returns no promise most of the time. */
  readonly isQuick: boolean;
  readonly seed: number;
}

/** What a process that hosts members is told, and what it answers. */
export type HostOrder =
  | { readonly kind: "start"; readonly spec: MemberSpec }
  /** Answered when it is. */
  | { readonly kind: "close"; readonly member: string }
  /** Leaves its group, and comes back at once. */
  | { readonly kind: "resubscribe"; readonly member: string }
  /** It stops itself (SIGSTOP): between two turns of its event loop, or with a record in hand. */
  | { readonly kind: "stop"; readonly where: "between" | "in hand" }
  /** Answered: it is not stopped, and will not stop. */
  | { readonly kind: "go on" };

export type HostReport = { readonly kind: "ready" | "goes on" } | { readonly kind: "closed"; readonly member: string };
