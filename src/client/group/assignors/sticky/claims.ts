import type { TopicPartition } from "../../../consumer/topic-partition.ts";
import type { GroupMember } from "../assignor.ts";
import type { KnownPartitions } from "../partitions.ts";

/** What a member says it holds, and since when. */
export interface Claim {
  readonly partitions: readonly TopicPartition[];
  /** In which it got them; -1 for unknown. */
  readonly generationId: number;
}

/** How an assignor's members say it. */
export type ClaimOf = (member: GroupMember) => Claim;

export interface Claims {
  /** What each member holds, in the order of the members. */
  readonly owned: ReadonlyMap<string, TopicPartition[]>;
  /** Two members of one generation cannot both be right: neither of them has it. */
  readonly contested: ReadonlySet<TopicPartition>;
  /** Of members with an older generation: what they held then, as the latest of them says. */
  readonly former: ReadonlyMap<TopicPartition, string>;
}

/** Judges what members say of themselves: of two claims the younger generation's counts, and what does not exist nobody holds. */
export function judgeClaims(members: readonly GroupMember[], claimOf: ClaimOf, known: KnownPartitions): Claims {
  const claims = members.map((member) => ({ memberId: member.memberId, ...existing(claimOf(member), known) }));
  const generations = new Map(claims.map(({ memberId, generationId }) => [memberId, generationId]));
  const owned = new Map<string, Set<TopicPartition>>();
  const contested = new Set<TopicPartition>();
  const owners = new Map<TopicPartition, string>();
  for (const { memberId, generationId, partitions } of claims) {
    const own = new Set<TopicPartition>();
    owned.set(memberId, own);
    for (const partition of partitions) {
      const other = owners.get(partition);
      const lead = other === undefined ? 1 : generationId - generations.get(other)!;
      if (lead < 0) continue;
      if (other !== undefined) owned.get(other)?.delete(partition);
      if (lead > 0) own.add(partition);
      else contested.add(partition);
      owners.set(partition, memberId);
    }
  }
  return { owned: new Map([...owned].map(([memberId, own]) => [memberId, [...own]])), contested, former: formerOwners(claims) };
}

function existing({ partitions, generationId }: Claim, known: KnownPartitions): Claim {
  return { generationId, partitions: partitions.map((one) => known.find(one)).filter((one) => one !== undefined) };
}

function formerOwners(claims: readonly (Claim & { readonly memberId: string })[]): ReadonlyMap<TopicPartition, string> {
  const latest = Math.max(...claims.map(({ generationId }) => generationId));
  const former = new Map<TopicPartition, { readonly memberId: string; readonly generationId: number }>();
  for (const { memberId, generationId, partitions } of claims) {
    if (generationId >= latest) continue;
    for (const partition of partitions) {
      const known = former.get(partition);
      if (known === undefined || generationId > known.generationId) former.set(partition, { memberId, generationId });
    }
  }
  return new Map([...former].map(([partition, { memberId }]) => [partition, memberId]));
}
