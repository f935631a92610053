/** What `kafkawire groups` tells of groups. */
import type { DescribedMember, GroupDescription } from "../client/admin/groups/describe-group.ts";
import { GroupInspector } from "../client/admin/groups/group-inspector.ts";
import { type Admin, BrokerError, type TopicPartition, type TopicPartitionOffset } from "../index.ts";
import { type AdminCall, needNames, type Printed } from "./admin-command.ts";
import { failuresIn, itemsOf } from "./item-report.ts";
import { counted, textTable } from "./text-table.ts";
import { UsageError } from "./usage-error.ts";

export async function listGroups({ options, names }: AdminCall): Promise<Printed> {
  if (names.length > 0) throw new UsageError("list takes no names; describe does");
  await using inspector = new GroupInspector(options);
  const found = await inspector.list();
  const columns = [{ title: "GROUP" }, { title: "TYPE" }, { title: "STATE" }, { title: "PROTOCOL" }];
  const rows = found.map(({ group, type = "?", state = "?", protocolType }) => [group, type, state, protocolType]);
  return { text: found.length === 0 ? "there are no groups\n" : textTable(columns, rows), json: found };
}

export async function describeGroups({ admin, options, names }: AdminCall): Promise<Printed> {
  needNames(names, "group");
  await using inspector = new GroupInspector(options);
  const described = await Promise.all(names.map((name) => lookedAt(inspector, admin, name)));
  const failures = failuresIn(described);
  const found = described.flatMap(({ view }) => (view === undefined ? [] : [view]));
  return {
    text: [...found.map(viewText), failures.text].filter((text) => text !== "").join("\n"),
    json: [...found.map(viewJson), ...failures.json],
    hasFailures: failures.json.length > 0,
  };
}

/** A partition that somebody holds, or the group has committed something for. */
interface PartitionView extends TopicPartition {
  readonly committed: number | undefined;
  readonly end: number | undefined;
  readonly member: DescribedMember | undefined;
}

interface GroupView {
  readonly description: GroupDescription;
  readonly partitions: readonly PartitionView[];
}

interface Described {
  readonly name: string;
  readonly view?: GroupView;
  readonly error?: BrokerError;
}

async function lookedAt(inspector: GroupInspector, admin: Admin, name: string): Promise<Described> {
  try {
    const description = await inspector.describe(name);
    return { name, view: { description, partitions: await partitionsOf(description, await inspector.offsets(name), admin) } };
  } catch (error) {
    if (error instanceof BrokerError) return { name, error };
    throw error;
  }
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

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}\n${partition}`;
}

function lagOf({ committed, end }: PartitionView): number | undefined {
  return committed === undefined || end === undefined ? undefined : Math.max(0, end - committed);
}

function viewText({ description, partitions }: GroupView): string {
  const { group, type, state, assignor, epoch, members } = description;
  const facts = [
    type,
    state,
    ...(assignor === "" ? [] : [assignor]),
    ...(epoch === undefined ? [] : [`epoch ${epoch}`]),
    counted(members.length, "member"),
  ];
  const columns = [
    { title: "TOPIC" },
    { title: "PARTITION", isNumber: true },
    { title: "COMMITTED", isNumber: true },
    { title: "END", isNumber: true },
    { title: "LAG", isNumber: true },
    { title: "CLIENT" },
    { title: "HOST" },
    { title: "MEMBER" },
  ];
  const rows = partitions.map((one) => {
    const { topic, partition, committed = "", end = "?", member } = one;
    const holder = member === undefined ? ["", "", ""] : [member.clientId, member.host, nameOf(member)];
    return [topic, String(partition), String(committed), String(end), String(lagOf(one) ?? ""), ...holder];
  });
  const others = members.filter((member) => member.partitions === undefined || member.partitions.length === 0);
  const lines = others.map((member) => [member.clientId, member.host, nameOf(member)]);
  const idle = [{ title: "WITHOUT PARTITIONS" }, { title: "HOST" }, { title: "MEMBER" }];
  return [
    textTable([{ title: `${group} (${facts.join(", ")})` }], []),
    ...(rows.length === 0 ? [] : [textTable(columns, rows)]),
    ...(lines.length === 0 ? [] : [textTable(idle, lines)]),
  ].join("");
}

function nameOf({ memberId, instanceId }: DescribedMember): string {
  return instanceId === undefined ? memberId : `${instanceId} (${memberId})`;
}

function viewJson({ description, partitions }: GroupView): unknown {
  return {
    ...description,
    partitions: partitions.map((one) => {
      const { topic, partition, committed, end, member } = one;
      return { topic, partition, committed, end, lag: lagOf(one), memberId: member?.memberId };
    }),
  };
}
