/** What a Heartbeat request does to a classic group. */
import type { ErrorName } from "../../../protocol/index.ts";
import type { ClassicGroup } from "./classic-group.ts";

export interface HeartbeatClaim {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

/** While joins are collected the member lives on, and hears that it should join. */
export function heartbeat(group: ClassicGroup, claim: HeartbeatClaim): ErrorName | undefined {
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  const error = group.members.refusal(claim.memberId, claim.groupInstanceId);
  const member = group.members.get(claim.memberId);
  if (error !== undefined || member === undefined) return error ?? "UNKNOWN_MEMBER_ID";
  if (claim.generationId !== group.generationId) return "ILLEGAL_GENERATION";
  group.keepAlive(member);
  return group.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : undefined;
}
