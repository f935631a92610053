import type { KafkaError } from "../../../protocol/index.ts";

/** The heartbeats of a member. Times are monotonic. */
export interface ShareBeat {
  readonly dueAtMs: number;
  /** One is on its way. */
  readonly isUnderWay: boolean;
  /** In a row. */
  readonly failures: number;
}

export type ShareMemberState =
  /** No member. */
  | { readonly name: "OUT" }
  /** In the group, or (epoch 0) on its way into it. */
  | {
      readonly name: "MEMBER";
      readonly epoch: number;
      readonly beat: ShareBeat;
      /** The coordinator has not heard which topics are wanted, or nobody knows whether it has. */
      readonly tellsTopics: boolean;
    }
  | { readonly name: "LEAVING" }
  /** Nothing helps. */
  | { readonly name: "DEAD"; readonly error: KafkaError };

export type ShareMemberStateOf<Name extends ShareMemberState["name"]> = Extract<ShareMemberState, { readonly name: Name }>;

export type ShareMemberEvent =
  /** Somebody polls. */
  | { readonly kind: "wanted" }
  /** Other topics. */
  | { readonly kind: "subscribed" }
  | { readonly kind: "answered"; readonly epoch: number; readonly intervalMs: number }
  | { readonly kind: "refused"; readonly error: KafkaError }
  | { readonly kind: "unanswered" }
  /** It may have become time for something. */
  | { readonly kind: "time"; readonly polledAtMs: number }
  | { readonly kind: "leave" }
  | { readonly kind: "left" };

export type ShareMemberEffect =
  | { readonly kind: "beat"; readonly epoch: number; readonly topics: boolean }
  /** What was assigned is not any more. */
  | { readonly kind: "forget" }
  /** Nobody has polled for so long. */
  | { readonly kind: "away"; readonly awayMs: number }
  /** Whoever polls is told. */
  | { readonly kind: "raise"; readonly error: KafkaError }
  | { readonly kind: "leave" };

export interface ShareMemberStep {
  readonly state: ShareMemberState;
  readonly effects: readonly ShareMemberEffect[];
}

export interface ShareMemberRules {
  readonly maxPollIntervalMs: number;
  /** After so many failures in a row. */
  readonly backoffMs: (failures: number) => number;
}
