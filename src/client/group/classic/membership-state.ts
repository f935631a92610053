import type { KafkaError } from "../../../protocol/index.ts";

/** Whether members let go of everything before they join, or keep what stays theirs (KIP-429). */
export type RebalanceProtocol = "eager" | "cooperative";

/** One round of a group: who is in it, and by which assignor it shares its partitions. */
export interface Generation {
  readonly memberId: string;
  readonly generationId: number;
  readonly assignor: string;
}

/** The heartbeats of a generation. Times are monotonic. */
export interface Heart {
  /** The coordinator has heard of us then, at the earliest: when what it has answered was sent. */
  readonly heardAtMs: number;
  readonly dueAtMs: number;
  /** One is on its way. */
  readonly isBeating: boolean;
  /** In a row. */
  readonly failures: number;
}

/** How often at most it asks yet whether every partition belongs to somebody; 0 if it knows, or need not. */
export type Looks = number;

/**
 * What a member has to let go of before it joins: `all` of it; what it no longer wants (`unwanted`); or all of it after the fact, for
 * others have it by now (`lost`).
 */
export type Release = "all" | "unwanted" | "lost";

export type MembershipState =
  /** No member. `memberId` is empty if the coordinator would not know it. `hasLost`: what it held is still to be let go of. */
  | { readonly name: "OUT"; readonly memberId: string; readonly hasLost: boolean }
  /** The user is told of what goes, and what is processed is committed; in the name of the generation, while there is one. */
  | {
      readonly name: "PREPARING";
      readonly memberId: string;
      readonly release: Release;
      readonly generation: Generation | undefined;
      readonly heart: Heart | undefined;
    }
  /** JoinGroup is on its way, or (`waits`) to be sent at a time. The coordinator answers when all have come. */
  | {
      readonly name: "JOINING";
      readonly memberId: string;
      readonly failures: number;
      readonly waits: boolean;
      readonly dueAtMs: number;
      /** Until then nobody else has what it kept, even if the coordinator hears nothing of it; Infinity if it kept nothing. */
      readonly keepsUntilMs: number;
      /** When the clock was looked at last: the answer may have come since, and what came of it passed, if the process stood still. */
      readonly seenAtMs: number;
      /** What is subscribed to is something else by now: once more. */
      readonly isStale: boolean;
      readonly looks: Looks;
    }
  /** SyncGroup is on its way, or the leader is still assigning. */
  | {
      readonly name: "SYNCING";
      readonly generation: Generation;
      readonly heart: Heart;
      readonly isStale: boolean;
      readonly looks: Looks;
    }
  /** It has its partitions. `isSettled`: the user has been told. */
  | {
      readonly name: "MEMBER";
      readonly generation: Generation;
      readonly heart: Heart;
      readonly isSettled: boolean;
      readonly isStale: boolean;
      readonly looks: Looks;
      /** One is on its way. */
      readonly isLooking: boolean;
    }
  | { readonly name: "LEAVING" }
  /** Nothing helps: another one has its name, or nobody lets it in. */
  | { readonly name: "DEAD"; readonly error: KafkaError };

export type StateName = MembershipState["name"];
export type StateOf<Name extends StateName> = Extract<MembershipState, { readonly name: Name }>;

/** Requests whose refusal says something of the membership. */
export type GroupRequest = "join" | "sync" | "heartbeat" | "commit";

export type MembershipEvent =
  /** Somebody reads. */
  | { readonly kind: "wanted" }
  /** Other topics, or, for who shares, other partitions: the group has to come together again. */
  | { readonly kind: "stale" }
  /** All that had to be let go of is let go of. */
  | { readonly kind: "prepared" }
  /** `skipAssignment`: it leads, and what was assigned stays as it is (KIP-814). */
  | { readonly kind: "joined"; readonly generation: Generation; readonly isLeader: boolean; readonly skipAssignment: boolean }
  /** The leader has assigned. */
  | { readonly kind: "shared" }
  | { readonly kind: "synced" }
  /** The user has been told of what came and went. `hasReleased`: others wait for it. */
  | { readonly kind: "settled"; readonly hasReleased: boolean }
  | { readonly kind: "heard"; readonly generationId: number; readonly sentAtMs: number }
  /** `isWhole`: every partition of its topics belongs to somebody, or somebody is about to let go of it. */
  | { readonly kind: "looked"; readonly generationId: number; readonly isWhole: boolean }
  /** That could not be found out. */
  | { readonly kind: "unseen"; readonly generationId: number; readonly error: KafkaError }
  /** The coordinator has said no. `generationId`: in whose name it was asked; -1 in none. */
  | {
      readonly kind: "refused";
      readonly request: GroupRequest;
      readonly error: KafkaError;
      readonly generationId: number;
      /** With MEMBER_ID_REQUIRED. */
      readonly memberId?: string;
      /** Of a heartbeat. */
      readonly sentAtMs?: number;
    }
  /** There was no answer. */
  | { readonly kind: "unanswered"; readonly request: GroupRequest; readonly generationId: number }
  /** It may have become time for something. */
  | { readonly kind: "time"; readonly readAtMs: number }
  /** `leaveGroup`: by default static members stay, and others leave. */
  | { readonly kind: "leave"; readonly leaveGroup?: boolean | undefined }
  | { readonly kind: "left" };

export type EventKind = MembershipEvent["kind"];
export type EventOf<Kind extends EventKind> = Extract<MembershipEvent, { readonly kind: Kind }>;

/** What is to be done; each says with an event how it went. */
export type MembershipEffect =
  /** Have the user told, and commit first what is processed. */
  | { readonly kind: "release"; readonly release: Release }
  | { readonly kind: "join"; readonly memberId: string }
  /** The leader computes who gets what. */
  | { readonly kind: "share"; readonly generation: Generation }
  | { readonly kind: "sync"; readonly generation: Generation }
  /** What was assigned is to be read; the user is told. */
  | { readonly kind: "settle"; readonly generation: Generation }
  | { readonly kind: "beat"; readonly generation: Generation }
  /** Whether every partition belongs to somebody. */
  | { readonly kind: "look"; readonly generation: Generation }
  /** For people: it stays unknown. */
  | { readonly kind: "cannot look"; readonly error: KafkaError }
  | { readonly kind: "leave"; readonly memberId: string; readonly reason: string }
  /** Whoever reads is told. */
  | { readonly kind: "raise"; readonly error: KafkaError }
  /** The event loop, so that heartbeats waited; the member is one still. */
  | { readonly kind: "stood still"; readonly forMs: number }
  /** Nothing that is buffered belongs to us any more; `because` is for people. */
  | { readonly kind: "stop delivering"; readonly because: string };

export interface Step {
  readonly state: MembershipState;
  readonly effects: readonly MembershipEffect[];
}

export interface MembershipRules {
  readonly protocol: RebalanceProtocol;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  /** A static member does not leave: it is expected back. */
  readonly isStatic: boolean;
  /** After so many failures in a row. */
  readonly backoffMs: (failures: number) => number;
  /** What a reader is told who was away for longer than `maxPollIntervalMs`. */
  readonly tooSlow: (awayMs: number) => KafkaError;
}
