/** What `kafkawire topics` tells of topics. */
import type { Admin, OffsetPlace, TopicDescription } from "../index.ts";
import { type AdminCall, needNames, type Printed } from "./admin-command.ts";
import { failuresIn, itemsOf } from "./item-report.ts";
import { counted, textTable } from "./text-table.ts";
import { UsageError } from "./usage-error.ts";

export async function listTopics({ admin, names, flag }: AdminCall): Promise<Printed> {
  if (names.length > 0) throw new UsageError("list takes no names; describe does");
  const found = (await admin.listTopics({ includeInternal: flag("internal") })).toSorted();
  const described = found.length === 0 ? [] : await admin.describeTopics(found);
  // Between the two questions a topic may have gone.
  const listed = described.filter((topic) => topic.error === undefined);
  const rows = listed.map(({ name, partitions }) => [name, String(partitions.length), String(replicasOf(partitions))]);
  const columns = [{ title: "TOPIC" }, { title: "PARTITIONS", isNumber: true }, { title: "REPLICAS", isNumber: true }];
  return {
    text: listed.length === 0 ? "there are no topics\n" : textTable(columns, rows),
    json: listed.map(({ name, topicId, isInternal, partitions }) => ({
      name,
      topicId,
      isInternal,
      partitions: partitions.length,
      replicas: replicasOf(partitions),
    })),
  };
}

type Partitions = TopicDescription["partitions"];

/** Of the partition that has most. */
function replicasOf(partitions: Partitions): number {
  return Math.max(0, ...partitions.map(({ replicas }) => replicas.length));
}

export async function describeTopics({ admin, names, flag }: AdminCall): Promise<Printed> {
  needNames(names, "topic");
  const described = await itemsOf(
    names,
    (name) => ({ name }),
    () => admin.describeTopics(names),
  );
  const found = described.filter((topic) => topic.error === undefined);
  const offsets = flag("offsets") ? await offsetsOf(admin, found) : undefined;
  const failures = failuresIn(described);
  return {
    text: [...found.map((topic) => describedText(topic, offsets)), failures.text].filter((text) => text !== "").join("\n"),
    json: [
      ...found.map(({ error: _none, ...topic }) => ({
        ...topic,
        partitions: topic.partitions.map((one) => ({ ...one, ...offsets?.get(placeOf(topic.name, one.partition)) })),
      })),
      ...failures.json,
    ],
    hasFailures: failures.json.length > 0,
  };
}

interface Offsets {
  earliest?: number;
  latest?: number;
}

async function offsetsOf(admin: Admin, found: readonly TopicDescription[]): Promise<ReadonlyMap<string, Offsets>> {
  const partitions = found.flatMap(({ name, partitions: all }) => all.map(({ partition }) => ({ topic: name, partition })));
  const offsets = new Map(partitions.map(({ topic, partition }): [string, Offsets] => [placeOf(topic, partition), {}]));
  if (partitions.length === 0) return offsets;
  for (const at of ["earliest", "latest"] as const satisfies readonly OffsetPlace[]) {
    const results = await itemsOf(
      partitions.map(({ topic }) => topic),
      () => ({ topic: "", partition: 0, offset: undefined }),
      () => admin.listOffsets(partitions.map((partition) => ({ ...partition, at }))),
    );
    // A partition without a leader has no offsets for now; the table says so.
    for (const { topic, partition, offset } of results) {
      const known = offsets.get(placeOf(topic, partition));
      if (known !== undefined && offset !== undefined) known[at] = offset;
    }
  }
  return offsets;
}

function placeOf(topic: string, partition: number): string {
  return `${topic}\n${partition}`;
}

function describedText(
  { name, topicId, isInternal, partitions }: TopicDescription,
  offsets?: ReadonlyMap<string, Offsets>,
): string {
  const facts = [
    counted(partitions.length, "partition"),
    ...(isInternal ? ["internal"] : []),
    ...(topicId === undefined ? [] : [`id ${topicId}`]),
  ];
  const columns = [
    { title: "PARTITION", isNumber: true },
    { title: "LEADER", isNumber: true },
    { title: "EPOCH", isNumber: true },
    ...(offsets === undefined
      ? []
      : [
          { title: "EARLIEST", isNumber: true },
          { title: "LATEST", isNumber: true },
        ]),
    { title: "REPLICAS" },
    { title: "IN SYNC" },
    { title: "OFFLINE" },
  ];
  const rows = partitions.map((one) => {
    const at = offsets?.get(placeOf(name, one.partition));
    return [
      String(one.partition),
      one.leaderId === -1 ? "none" : String(one.leaderId),
      one.leaderEpoch === -1 ? "" : String(one.leaderEpoch),
      ...(offsets === undefined ? [] : [String(at?.earliest ?? "?"), String(at?.latest ?? "?")]),
      one.replicas.join(","),
      one.inSyncReplicas.join(","),
      one.offlineReplicas.join(","),
    ];
  });
  return `${textTable([{ title: `${name} (${facts.join(", ")})` }], [])}${textTable(columns, rows)}`;
}
