import type { DescribedMember, GroupDescription } from "../../client/admin/groups/describe-group.ts";
import type { GroupInspector } from "../../client/admin/groups/group-inspector.ts";
import type { Admin, TopicPartition, TopicPartitionOffset } from "../../index.ts";
import { itemsOf } from "../item-report.ts";

/** A partition that somebody holds, or the group has committed something for. */
export interface PartitionView extends TopicPartition {
  readonly committed: number | undefined;
  readonly end: number | undefined;
  readonly member: DescribedMember | undefined;
}

export interface GroupView {
  readonly description: GroupDescription;
  readonly partitions: readonly PartitionView[];
}

/** @throws BrokerError if there is no such group */
export async function groupView(inspector: GroupInspector, admin: Admin, group: string): Promise<GroupView> {
  const description = await inspector.describe(group);
  return { description, partitions: await partitionsOf(description, await inspector.offsets(group), admin) };
}

async function partitionsOf(
  { members }: GroupDescription,
  offsets: readonly TopicPartitionOffset[],
  admin: Admin,
): Promise<readonly PartitionView[]> {
  const places = new Map<string, TopicPartition>();
  const holders = new Map<string, DescribedMember>();
  const committed = new Map<string, number>();
  for (const place of offsets) {
    places.set(keyOf(place), place);
    committed.set(keyOf(place), place.offset);
  }
  for (const member of members) {
    for (const place of member.partitions ?? []) {
      places.set(keyOf(place), place);
      holders.set(keyOf(place), member);
    }
  }
  const all = [...places.values()].toSorted(
    (one, other) => one.topic.localeCompare(other.topic) || one.partition - other.partition,
  );
  const ends = await endsOf(all, admin);
  return all.map(({ topic, partition }) => {
    const key = keyOf({ topic, partition });
    return { topic, partition, committed: committed.get(key), end: ends.get(key), member: holders.get(key) };
  });
}

/** Of topics that are gone, and partitions without a leader, there is none. */
async function endsOf(places: readonly TopicPartition[], admin: Admin): Promise<ReadonlyMap<string, number>> {
  if (places.length === 0) return new Map();
  const queries = places.map(({ topic, partition }) => ({ topic, partition, at: "latest" as const }));
  const results = await itemsOf(
    places.map(({ topic }) => topic),
    () => ({ topic: "", partition: 0, offset: undefined }),
    () => admin.listOffsets(queries),
  );
  const ends = new Map<string, number>();
  for (const { topic, partition, offset } of results) {
    if (offset !== undefined) ends.set(keyOf({ topic, partition }), offset);
  }
  return ends;
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}\n${partition}`;
}

export function lagOf({ committed, end }: PartitionView): number | undefined {
  return committed === undefined || end === undefined ? undefined : Math.max(0, end - committed);
}

/** For people. */
export function nameOf({ memberId, instanceId }: DescribedMember): string {
  return instanceId === undefined ? memberId : `${instanceId} (${memberId})`;
}
