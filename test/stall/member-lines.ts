/** What a member is told, and what it says. */
export interface MemberSettings {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly groupId: string;
  readonly clientId: string;
  readonly groupProtocol: "classic" | "consumer";
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly blockMs: number;
}

export type MemberLine =
  | { readonly event: "assigned" | "revoked" | "lost"; readonly partitions: readonly number[] }
  | { readonly event: "read"; readonly partition: number; readonly offset: number }
  | { readonly event: "standing still" | "awake" }
  | { readonly event: "warning"; readonly code: string; readonly text: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly event: "rebalanced"; readonly cause: string; readonly lost: readonly number[] };

/** The value of the record on which it stands still. */
export const STAND_STILL = "stand still";
