import type { TopicPartition } from "../../consumer/topic-partition.ts";
import {
  type Assignment,
  byMemberName,
  type GroupMember,
  type PartitionAssignor,
  racksMatter,
  subscribedTopics,
  type TopicRacks,
} from "./assignor.ts";
import { comparePartitions } from "./partitions.ts";

/**
 * Topic by topic: each member gets as many partitions in a row, the first ones one more where it does not come out even. Topics with the same
 * members and as many partitions are shared alike, which whoever joins them relies on. Where racks matter (KIP-881), partitions go to
 * members next to a replica first, as far as that leaves the numbers as they are.
 */
export const rangeAssignor: PartitionAssignor = {
  name: "range",
  assign(topics: TopicRacks, members: readonly GroupMember[]): Assignment {
    const assignment = new Map<string, TopicPartition[]>(members.map(({ memberId }) => [memberId, []]));
    const shares = [...subscribedTopics(topics, members)].map(
      ([topic, racks]) => new TopicShare(topic, racks, members, assignment),
    );
    if (shares.some(({ doRacksMatter }) => doRacksMatter)) {
      for (const group of coPartitioned(shares)) assignByRack(group);
    }
    for (const share of shares) share.assignRanges(() => true);
    for (const partitions of assignment.values()) partitions.sort(comparePartitions);
    return assignment;
  },
};

/** How one topic is shared. */
class TopicShare {
  readonly topic: string;
  readonly racks: readonly (readonly string[])[];
  /** In their order. */
  readonly members: readonly GroupMember[];
  readonly doRacksMatter: boolean;
  readonly #assignment: ReadonlyMap<string, TopicPartition[]>;
  readonly #unassigned: Set<number>;
  readonly #counts = new Map<GroupMember, number>();
  readonly #fewest: number;
  /** So many more members may have one more than the fewest. */
  #oneMore: number;

  constructor(
    topic: string,
    racks: readonly (readonly string[])[],
    members: readonly GroupMember[],
    assignment: ReadonlyMap<string, TopicPartition[]>,
  ) {
    this.topic = topic;
    this.racks = racks;
    this.members = members.filter(({ topics }) => topics.includes(topic)).sort(byMemberName);
    this.#assignment = assignment;
    this.#unassigned = new Set(racks.keys());
    this.#fewest = Math.floor(racks.length / this.members.length);
    this.#oneMore = racks.length % this.members.length;
    this.doRacksMatter = racksMatter(new Set(this.members.flatMap(rackOf)), racks);
  }

  /** Topics that say the same are shared alike. */
  get kind(): string {
    return JSON.stringify([this.racks.length, ...this.members.map((member) => [member.memberId, ...rackOf(member)])]);
  }

  room(member: GroupMember): number {
    const most = this.#fewest + (this.#oneMore > 0 ? 1 : 0);
    return Math.max(0, most - (this.#counts.get(member) ?? 0));
  }

  isNear(member: GroupMember, partition: number): boolean {
    const [rack] = rackOf(member);
    return rack === undefined || this.racks[partition]?.includes(rack) === true;
  }

  assignRanges(mayHave: (member: GroupMember, partition: number) => boolean): void {
    for (const member of this.members) {
      const range = [...this.#unassigned].filter((partition) => mayHave(member, partition)).slice(0, this.room(member));
      if (range.length > 0) this.give(member, range);
    }
  }

  give(member: GroupMember, partitions: readonly number[]): void {
    const count = (this.#counts.get(member) ?? 0) + partitions.length;
    this.#counts.set(member, count);
    if (count > this.#fewest) this.#oneMore--;
    for (const partition of partitions) {
      this.#unassigned.delete(partition);
      this.#assignment.get(member.memberId)?.push({ topic: this.topic, partition });
    }
  }
}

function coPartitioned(shares: readonly TopicShare[]): Iterable<readonly TopicShare[]> {
  const groups = new Map<string, TopicShare[]>();
  for (const share of shares) {
    const group = groups.get(share.kind);
    if (group === undefined) groups.set(share.kind, [share]);
    else group.push(share);
  }
  return groups.values();
}

function assignByRack(shares: readonly TopicShare[]): void {
  const [first] = shares;
  if (first === undefined) return;
  if (shares.length > 1) assignTogether(first, shares);
  else if (first.doRacksMatter) first.assignRanges((member, partition) => first.isNear(member, partition));
}

/** A partition of all these topics goes to one member, who is near to each of them. */
function assignTogether({ members, racks }: TopicShare, shares: readonly TopicShare[]): void {
  // Without a rack anybody is near to everything; where nobody has one there is nothing to look at.
  if (!members.some((member) => rackOf(member).length > 0)) return;
  for (const partition of racks.keys()) {
    const member = members.find((one) => shares.every((share) => share.isNear(one, partition) && share.room(one) > 0));
    if (member !== undefined) for (const share of shares) share.give(member, [partition]);
  }
}

function rackOf({ rackId }: GroupMember): readonly string[] {
  return rackId === undefined || rackId === "" ? [] : [rackId];
}
