/** What a SyncGroup request does to a classic group. */
import type { ErrorName } from "../../../protocol/index.ts";
import type { Answer } from "../answer.ts";
import type { ClassicGroup } from "./classic-group.ts";
import type { SyncAnswer } from "./classic-member.ts";

export interface SyncRequest {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
  /** As the member understood it; null leaves it unchecked. */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** By member id. */
  readonly assignments: ReadonlyMap<string, Uint8Array>;
}

/** `answer` is called at once, or when the leader's assignment is there, or when the next rebalance begins. */
export function sync(group: ClassicGroup, request: SyncRequest, answer: Answer<SyncAnswer>): void {
  const error = refusal(group, request);
  const member = group.members.get(request.memberId);
  if (error !== undefined || member === undefined) {
    answer({ error: error ?? "UNKNOWN_MEMBER_ID" });
  } else if (group.state === "CompletingRebalance") {
    member.awaitSync(answer);
    group.synced(member.id);
    if (group.members.leaderId === member.id) group.assign(request.assignments);
  } else {
    group.synced(member.id);
    answer({ protocolType: group.protocolType, protocolName: group.protocolName, assignment: member.assignment });
  }
}

function refusal(group: ClassicGroup, request: SyncRequest): ErrorName | undefined {
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  const error = group.members.refusal(request.memberId, request.groupInstanceId);
  if (error !== undefined) return error;
  if (request.generationId !== group.generationId) return "ILLEGAL_GENERATION";
  if (differ(request.protocolType, group.protocolType) || differ(request.protocolName, group.protocolName)) {
    return "INCONSISTENT_GROUP_PROTOCOL";
  }
  return group.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : undefined;
}

function differ(claimed: string | null, actual: string | null): boolean {
  return claimed !== null && actual !== null && claimed !== actual;
}
