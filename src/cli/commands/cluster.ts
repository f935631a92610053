import { type AdminCall, adminCommand, numberOf, type Printed, pairOf } from "../admin-command.ts";
import type { Command } from "../command.ts";
import { harmless } from "../harmless-text.ts";
import { itemsOf, reportOn } from "../item-report.ts";
import { textTable } from "../text-table.ts";
import { UsageError } from "../usage-error.ts";

export const cluster: Command = adminCommand({
  name: "cluster",
  summary: "shows the brokers of a cluster and its features",
  standard: "describe",
  subcommands: [
    {
      name: "describe",
      parameters: "[--fenced]",
      summary: "its id and its brokers; --fenced: also those that are registered but not in service",
      options: { fenced: { type: "boolean" } },
      run: describeCluster,
    },
    {
      name: "features",
      parameters: "",
      summary: "what the whole cluster has agreed upon, and what the broker that answers could do",
      run: describeFeatures,
    },
    {
      name: "update-features",
      parameters: "NAME=LEVEL... [--downgrade] [--unsafe] [--dry-run]",
      summary: "level 0 switches a feature off; --downgrade allows a lower level, --unsafe even at the price of lost metadata",
      options: { downgrade: { type: "boolean" }, unsafe: { type: "boolean" }, "dry-run": { type: "boolean" } },
      run: updateFeatures,
    },
  ],
});

async function describeCluster({ admin, names, flag }: AdminCall): Promise<Printed> {
  if (names.length > 0) throw new UsageError("describe takes no names");
  const described = await admin.describeCluster({ includeFencedBrokers: flag("fenced") });
  const { clusterId, controllerId, brokers } = described;
  const columns = [
    { title: "ID", isNumber: true },
    { title: "HOST" },
    { title: "PORT", isNumber: true },
    { title: "RACK" },
    { title: "" },
  ];
  const rows = brokers.map(({ nodeId, host, port, rack = "", isFenced }) => {
    const notes = [...(nodeId === controllerId ? ["controller"] : []), ...(isFenced ? ["fenced"] : [])];
    return [String(nodeId), host, String(port), rack, notes.join(", ")];
  });
  return { text: `cluster ${harmless(clusterId ?? "(it has no id)")}\n${textTable(columns, rows)}`, json: described };
}

async function describeFeatures({ admin, names }: AdminCall): Promise<Printed> {
  if (names.length > 0) throw new UsageError("features takes no names");
  const { supported, finalized, finalizedEpoch } = await admin.describeFeatures();
  const features = [...new Set([...supported.keys(), ...finalized.keys()])].toSorted().map((name) => ({
    name,
    level: finalized.get(name)?.max ?? 0,
    supported: supported.get(name),
  }));
  const columns = [{ title: "FEATURE" }, { title: "LEVEL", isNumber: true }, { title: "THE BROKER COULD DO" }];
  const rows = features.map(({ name, level, supported: range }) => [
    name,
    String(level),
    range === undefined ? "nothing of it" : `${range.min} to ${range.max}`,
  ]);
  return {
    text:
      features.length === 0
        ? "the broker knows no features: it is older than Kafka 2.7, or has ZooKeeper\n"
        : textTable(columns, rows),
    json: { features, finalizedEpoch: finalizedEpoch === undefined ? null : Number(finalizedEpoch) },
  };
}

async function updateFeatures({ admin, names, flag }: AdminCall): Promise<Printed> {
  if (names.length === 0) throw new UsageError("say NAME=LEVEL");
  const direction = flag("unsafe") ? "unsafeDowngrade" : flag("downgrade") ? "safeDowngrade" : "upgrade";
  const updates = names.map((text) => {
    const [name, level] = pairOf("update-features", text);
    return [name, { level: numberOf(name, level), direction }] as const;
  });
  const isDry = flag("dry-run");
  const results = await itemsOf(
    updates.map(([name]) => name),
    (feature) => ({ feature }),
    () => admin.updateFeatures(Object.fromEntries(updates), { validateOnly: isDry }),
  );
  const named = results.map(({ feature, error }) => ({ name: feature, error }));
  return reportOn(named, { done: isDry ? "could be updated" : "updated" });
}
