import type { NewTopic } from "../../index.ts";
import { type AdminCall, adminCommand, needNames, numberOf, type Printed, pairOf } from "../admin-command.ts";
import type { Command } from "../command.ts";
import { itemsOf, reportOn } from "../item-report.ts";
import { counted } from "../text-table.ts";
import { describeTopics, listTopics } from "../topic-listing.ts";
import { UsageError } from "../usage-error.ts";

export const topics: Command = adminCommand({
  name: "topics",
  summary: "lists, describes, creates and deletes topics, and adds partitions",
  subcommands: [
    {
      name: "list",
      parameters: "[--internal]",
      summary: "all topics; with --internal also those that Kafka keeps for itself",
      options: { internal: { type: "boolean" } },
      run: listTopics,
    },
    {
      name: "describe",
      parameters: "NAME... [--offsets]",
      summary: "partitions with leader and replicas; with --offsets also where their records begin and end",
      options: { offsets: { type: "boolean" } },
      run: describeTopics,
    },
    {
      name: "create",
      parameters: "NAME... [--partitions N] [--replication N] [--config NAME=VALUE]... [--if-not-exists] [--dry-run]",
      summary: "without numbers as the cluster's defaults say; --dry-run only checks whether it could be done",
      options: {
        partitions: { type: "string" },
        replication: { type: "string" },
        config: { type: "string", multiple: true },
        "if-not-exists": { type: "boolean" },
        "dry-run": { type: "boolean" },
      },
      run: createTopics,
    },
    {
      name: "delete",
      parameters: "NAME... [--if-exists]",
      summary: "with all their records, for good",
      options: { "if-exists": { type: "boolean" } },
      run: deleteTopics,
    },
    {
      name: "add-partitions",
      parameters: "NAME TOTAL",
      summary: "until there are TOTAL; keys then go to other partitions than before",
      run: addPartitions,
    },
  ],
});

async function createTopics({ admin, names, value, values, flag }: AdminCall): Promise<Printed> {
  needNames(names, "topic");
  const [partitions, replication] = [value("partitions"), value("replication")];
  const configs = Object.fromEntries(values("config").map((text) => pairOf("--config", text)));
  const wanted: readonly NewTopic[] = names.map((name) => ({
    name,
    ...(partitions !== undefined && { numPartitions: numberOf("--partitions", partitions) }),
    ...(replication !== undefined && { replicationFactor: numberOf("--replication", replication) }),
    configs,
  }));
  const isDry = flag("dry-run");
  const results = await itemsOf(
    names,
    (name) => ({ name }),
    () => admin.createTopics(wanted, { validateOnly: isDry }),
  );
  return reportOn(results, {
    done: isDry ? "could be created" : "created",
    ...(flag("if-not-exists") && { harmless: "TOPIC_ALREADY_EXISTS", already: "was there already" }),
  });
}

async function deleteTopics({ admin, names, flag }: AdminCall): Promise<Printed> {
  needNames(names, "topic");
  const results = await itemsOf(
    names,
    (name) => ({ name }),
    () => admin.deleteTopics(names),
  );
  return reportOn(results, {
    done: "deleted",
    ...(flag("if-exists") && { harmless: "UNKNOWN_TOPIC_OR_PARTITION", already: "was not there" }),
  });
}

async function addPartitions({ admin, names }: AdminCall): Promise<Printed> {
  const [name, total, ...rest] = names;
  if (name === undefined || total === undefined || rest.length > 0)
    throw new UsageError("add-partitions takes a topic and how many partitions it shall have");
  const results = await itemsOf(
    [name],
    (name) => ({ name }),
    () => admin.createPartitions({ [name]: numberOf("TOTAL", total) }),
  );
  return reportOn(results, { done: `has ${counted(Number(total), "partition")} now` });
}
