import type { KafkaError } from "../../../protocol/index.ts";

/** G12: whether it is a member still nobody knows. */
export interface Doubt {
  /** Monotonic. */
  readonly sinceMs: number;
  readonly stoodStillMs: number;
}

/** The heartbeats of a member. Times are monotonic. */
export interface Beat {
  /** The coordinator has heard of us then, at the earliest: when what it has answered was sent. */
  readonly heardAtMs: number;
  readonly dueAtMs: number;
  /** How often the coordinator wants them. */
  readonly intervalMs: number;
  /** One is on its way. */
  readonly isUnderWay: boolean;
  /** In a row. */
  readonly failures: number;
  /** Something has happened to the member then, if only that it looked at the clock. */
  readonly seenAtMs: number;
  readonly doubt: Doubt | undefined;
}

/** What the coordinator is to be told besides that we live: only what has changed since it last heard of it. */
export interface News {
  /** Everything: it does not know us yet, or nobody knows what it has heard. */
  readonly everything: boolean;
  readonly topics: boolean;
  readonly held: boolean;
}

export type MemberState =
  /** No member. `hasLost`: what it held is still to be let go of. */
  | { readonly name: "OUT"; readonly hasLost: boolean }
  /** Others have what it held; the user is being told. */
  | { readonly name: "LOSING" }
  /** In the group, or (epoch 0) on its way into it. */
  | {
      readonly name: "MEMBER";
      readonly epoch: number;
      readonly beat: Beat;
      readonly news: News;
      /** What is held is being brought to what is assigned; `again` means that something else is assigned by now. */
      readonly reconciling: "no" | "yes" | "again";
    }
  | { readonly name: "LEAVING" }
  /** Nothing helps. */
  | { readonly name: "DEAD"; readonly error: KafkaError };

export type MemberStateName = MemberState["name"];
export type MemberStateOf<Name extends MemberStateName> = Extract<MemberState, { readonly name: Name }>;

export type MemberEvent =
  /** Somebody reads. */
  | { readonly kind: "wanted" }
  /** Other topics. */
  | { readonly kind: "subscribed" }
  | {
      readonly kind: "answered";
      readonly epoch: number;
      readonly intervalMs: number;
      /** There is something else to hold. */
      readonly isAssigned: boolean;
      readonly sentAtMs: number;
    }
  | { readonly kind: "refused"; readonly error: KafkaError }
  | { readonly kind: "unanswered" }
  /** The topics of what is assigned are known by now. */
  | { readonly kind: "learned" }
  /** What is held has been brought to what was assigned, as far as that goes, and the user has been told. */
  | { readonly kind: "reconciled" }
  /** What was lost is let go of. */
  | { readonly kind: "released" }
  /** It may have become time for something. */
  | { readonly kind: "time"; readonly readAtMs: number }
  /** `leaveGroup`: by default static members stay, and others leave. */
  | { readonly kind: "leave"; readonly leaveGroup?: boolean | undefined }
  | { readonly kind: "left" };

export type MemberEventKind = MemberEvent["kind"];
export type MemberEventOf<Kind extends MemberEventKind> = Extract<MemberEvent, { readonly kind: Kind }>;

/** What is to be done; each says with an event how it went. */
export type MemberEffect =
  | { readonly kind: "beat"; readonly epoch: number; readonly news: News }
  | { readonly kind: "reconcile" }
  | { readonly kind: "release" }
  /** For a session only, if it is a static one that stays. */
  | { readonly kind: "leave"; readonly stays: boolean }
  /** Whoever reads is told. */
  | { readonly kind: "raise"; readonly error: KafkaError }
  /** The event loop, so that heartbeats waited; the member is one still. */
  | { readonly kind: "stood still"; readonly forMs: number }
  /** Nothing that is buffered belongs to us any more; `because` is for people. */
  | { readonly kind: "stop delivering"; readonly because: string };

export interface MemberStep {
  readonly state: MemberState;
  readonly effects: readonly MemberEffect[];
}

export interface MemberRules {
  readonly isStatic: boolean;
  /** The broker has its own, and does not tell it. */
  readonly sessionTimeoutMs: number;
  readonly maxPollIntervalMs: number;
  /** After so many failures in a row. */
  readonly backoffMs: (failures: number) => number;
  /** What a reader is told who was away for longer than `maxPollIntervalMs`. */
  readonly tooSlow: (awayMs: number) => KafkaError;
}
