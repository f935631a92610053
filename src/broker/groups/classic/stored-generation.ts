import { ClassicMember, type MemberIdentity } from "./classic-member.ts";
import type { Membership } from "./membership.ts";

/** A classic group as its coordinator writes it to __consumer_offsets, and as the next one finds it there. */
export interface StoredGeneration {
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string | undefined;
  readonly members: readonly StoredMember[];
}

export interface StoredMember extends MemberIdentity {
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** For the protocol in use; what the member sent for others is not kept. */
  readonly metadata: Uint8Array;
  readonly assignment: Uint8Array;
}

export const EMPTY_GENERATION: StoredGeneration = {
  generationId: 0,
  protocolType: null,
  protocolName: null,
  leaderId: undefined,
  members: [],
};

export function storedGeneration(members: Membership, generationId: number, protocolName: string | null): StoredGeneration {
  return {
    generationId,
    protocolType: members.protocolType,
    protocolName,
    leaderId: members.leaderId,
    members: [...members].map((member) => ({
      id: member.id,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      sessionTimeoutMs: member.terms.sessionTimeoutMs,
      rebalanceTimeoutMs: member.terms.rebalanceTimeoutMs,
      metadata: member.metadataFor(protocolName),
      assignment: member.assignment,
    })),
  };
}

export function restoreMembers(members: Membership, stored: StoredGeneration): void {
  members.clear();
  for (const { metadata, assignment, sessionTimeoutMs, rebalanceTimeoutMs, ...identity } of stored.members) {
    const protocols = [{ name: stored.protocolName ?? "", metadata }];
    const member = new ClassicMember(identity, { protocols, sessionTimeoutMs, rebalanceTimeoutMs });
    member.assignment = assignment;
    members.add(member, stored.protocolType ?? "");
  }
  members.protocolType = stored.protocolType;
  members.appoint(stored.leaderId);
}
