// Kafka's command line tools, and what they print.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scenario, Stage } from "../scenario.ts";
import { ToolShell } from "./tool-shell.ts";

/** APIs that every client needs; how a broker offers the rest is not for these scenarios to say. */
const APIS =
  /^(Produce|Fetch|ListOffsets|Metadata|OffsetCommit|OffsetFetch|FindCoordinator|JoinGroup|Heartbeat|LeaveGroup|SyncGroup|DescribeGroups|ListGroups|ApiVersions|CreateTopics|DeleteTopics|DeleteRecords|InitProducerId|OffsetForLeaderEpoch|AddPartitionsToTxn|AddOffsetsToTxn|EndTxn|TxnOffsetCommit|DescribeConfigs|CreatePartitions|DeleteGroups|IncrementalAlterConfigs|OffsetDelete|ConsumerGroupHeartbeat|ConsumerGroupDescribe|DescribeCluster)\(/;

const GROUPS = "kafka-consumer-groups";
/** The records that the shell writes are of 2023, which is longer ago than a broker keeps them. */
const FOREVER = ["--config", "retention.ms=-1"] as const;

async function topics(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  const describe = ["--describe", "--topic", orders] as const;
  const configs = ["--config", "retention.ms=3600000", "--config", "cleanup.policy=compact,delete"];
  const created = await shell.run("kafka-topics", "--create", "--topic", orders, "--partitions", "3", ...configs);
  const described = await shell.run("kafka-topics", ...describe);
  await shell.run("kafka-topics", "--alter", "--topic", orders, "--partitions", "5");
  const altered = await shell.until((lines) => lines.length === 6, "kafka-topics", ...describe);
  return {
    created,
    described: described.map(withOurConfigs),
    altered: altered.map(withOurConfigs),
    listed: await shell.run("kafka-topics", "--list", "--topic", `${orders}|no-such-topic`),
    createdAgain: await shell.refusal("kafka-topics", "--create", "--topic", orders),
    createdIfMissing: await shell.run("kafka-topics", "--create", "--topic", orders, "--if-not-exists"),
    fewerPartitions: await shell.refusal("kafka-topics", "--alter", "--topic", orders, "--partitions", "2"),
    wrongConfig: await shell.refusal("kafka-topics", "--create", "--topic", stage.unique("wrong"), "--config", "retention.ms=long"),
    wrongName: await shell.refusal("kafka-topics", "--create", "--topic", "no/good"),
    deleted: await shell.run("kafka-topics", "--delete", "--topic", orders),
    listedAfterwards: await shell.until((lines) => lines.length === 0, "kafka-topics", "--list", "--topic", orders),
    describedAfterwards: await shell.refusal("kafka-topics", ...describe),
  };
}

/** What a broker's own properties say stands there as well. */
function withOurConfigs(line: string): string {
  return line.replace(/Configs: (.*)$/, (_, configs: string) => {
    const ours = configs.match(/(retention\.ms|cleanup\.policy)=[^=]*(?=,[a-z]|$)/g) ?? [];
    return `Configs: ${ours.sort().join(" ")}`;
  });
}

async function describedGroups(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  await shell.run("kafka-topics", "--create", "--topic", orders, "--partitions", "2", ...FOREVER);
  await shell.produce(orders, 0, 10);
  await shell.produce(orders, 1, 7);
  const observed: Record<string, unknown> = {};
  for (const protocol of ["classic", "consumer"] as const) {
    const group = stage.unique(protocol);
    await shell.join(group, orders, protocol, 17);
    const describe = ["--describe", "--group", group] as const;
    observed[protocol] = {
      offsets: await shell.run(GROUPS, ...describe),
      state: await shell.run(GROUPS, ...describe, "--state"),
      members: await shell.run(GROUPS, ...describe, "--members"),
      listed: (await shell.run(GROUPS, "--list", "--state")).filter((line) => line.startsWith(`${protocol} `)),
      listedAs: (await shell.run("kafka-groups", "--list")).filter((line) => line.startsWith(`${protocol} `)),
      deleted: await shell.run(GROUPS, "--delete", "--group", group),
      reset: await shell.run(GROUPS, "--group", group, "--reset-offsets", "--to-earliest", "--topic", orders, "--execute"),
      deletedOffsets: await shell.run(GROUPS, "--group", group, "--delete-offsets", "--topic", orders),
    };
    await shell.leave(group);
  }
  return observed;
}

async function resetGroups(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  const group = stage.unique("group");
  await shell.run("kafka-topics", "--create", "--topic", orders, "--partitions", "2", ...FOREVER);
  await shell.produce(orders, 0, 20);
  await shell.produce(orders, 1, 10);
  await shell.join(group, orders, "classic", 30);
  await shell.leave(group);
  const describe = ["--describe", "--group", group] as const;
  const reset = (...how: readonly string[]): Promise<readonly string[]> =>
    shell.run(GROUPS, "--group", group, "--reset-offsets", ...how);
  return {
    empty: await shell.run(GROUPS, ...describe),
    emptyState: await shell.run(GROUPS, ...describe, "--state"),
    dryRun: await reset("--to-earliest", "--topic", orders, "--dry-run"),
    shiftBy: await reset("--shift-by", "-4", "--topic", `${orders}:0`, "--execute"),
    shiftTooFar: await reset("--shift-by", "1000", "--topic", `${orders}:1`, "--execute"),
    toOffset: await reset("--to-offset", "3", "--topic", `${orders}:1`, "--execute"),
    // The record of 1,700,000,005,000 is the sixth.
    toDatetime: await reset("--to-datetime", "2023-11-14T22:13:25.000+00:00", "--topic", `${orders}:0`, "--execute"),
    toLatest: await reset("--to-latest", "--topic", `${orders}:0`, "--dry-run"),
    toCurrent: await reset("--to-current", "--topic", orders, "--execute"),
    described: await shell.run(GROUPS, ...describe),
    toEarliest: await reset("--to-earliest", "--all-topics", "--execute"),
    deletedOffsets: await shell.run(GROUPS, "--group", group, "--delete-offsets", "--topic", `${orders}:1`),
    describedAfterwards: await shell.run(GROUPS, ...describe),
    deleted: await shell.run(GROUPS, "--group", group, "--delete"),
    deletedAgain: await shell.run(GROUPS, "--group", group, "--delete"),
    describedOnceDeleted: await shell.run(GROUPS, ...describe),
  };
}

async function configs(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  await shell.run("kafka-topics", "--create", "--topic", orders);
  const topic = ["--entity-type", "topics", "--entity-name", orders] as const;
  const brokers = ["--entity-type", "brokers", "--entity-default"] as const;
  const isDescribed = (count: number) => (lines: readonly string[]) => lines.filter((line) => line.includes("=")).length === count;
  const altered = await shell.run(
    "kafka-configs",
    ...topic,
    "--alter",
    "--add-config",
    "retention.ms=5000,cleanup.policy=[compact,delete]",
  );
  const described = await shell.until(isDescribed(2), "kafka-configs", ...topic, "--describe");
  const deleted = await shell.run("kafka-configs", ...topic, "--alter", "--delete-config", "cleanup.policy");
  const describedAfterwards = await shell.until(isDescribed(1), "kafka-configs", ...topic, "--describe");
  const wrong = await shell.refusal("kafka-configs", ...topic, "--alter", "--add-config", "retention.ms=long");
  const unknown = await shell.refusal("kafka-configs", ...topic, "--alter", "--add-config", "no.such.config=1");
  const cleaner = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => line.startsWith("log.cleaner.backoff.ms"));
  const brokerAltered = await shell.run("kafka-configs", ...brokers, "--alter", "--add-config", "log.cleaner.backoff.ms=20000");
  const brokerDescribed = await shell.until((lines) => cleaner(lines).length === 1, "kafka-configs", ...brokers, "--describe");
  const brokerDeleted = await shell.run("kafka-configs", ...brokers, "--alter", "--delete-config", "log.cleaner.backoff.ms");
  const gone = await shell.until((lines) => cleaner(lines).length === 0, "kafka-configs", ...brokers, "--describe");
  return {
    topic: { altered, described, deleted, describedAfterwards, wrong, unknown },
    broker: { altered: brokerAltered, described: cleaner(brokerDescribed), deleted: brokerDeleted, afterwards: cleaner(gone) },
  };
}

async function users(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const alice = ["--entity-type", "users", "--entity-name", stage.unique("alice")] as const;
  const isListed = (text: string) => (lines: readonly string[]) => lines.join().includes(text);
  const credential = (mechanism: string, iterations: number) => `${mechanism}=[iterations=${iterations},password=secret]`;
  const added = await shell.run("kafka-configs", ...alice, "--alter", "--add-config", credential("SCRAM-SHA-256", 4096));
  await shell.run("kafka-configs", ...alice, "--alter", "--add-config", credential("SCRAM-SHA-512", 8192));
  const described = await shell.until(isListed("SCRAM-SHA-512"), "kafka-configs", ...alice, "--describe");
  const deleted = await shell.run("kafka-configs", ...alice, "--alter", "--delete-config", "SCRAM-SHA-256");
  const without = (lines: readonly string[]): boolean => !isListed("SCRAM-SHA-256")(lines);
  const describedAfterwards = await shell.until(without, "kafka-configs", ...alice, "--describe");
  const weak = await shell.refusal("kafka-configs", ...alice, "--alter", "--add-config", credential("SCRAM-SHA-256", 100));
  const deletedAgain = await shell.refusal("kafka-configs", ...alice, "--alter", "--delete-config", "SCRAM-SHA-256");
  await shell.run("kafka-configs", ...alice, "--alter", "--delete-config", "SCRAM-SHA-512");
  return { added, described: described.map(withSortedCredentials), deleted, describedAfterwards, weak, deletedAgain };
}

/** They stand in the order of a hash table. */
function withSortedCredentials(line: string): string {
  const [user, credentials = ""] = line.split(" are ");
  return `${user} are ${credentials.split(", ").sort().join(", ")}`;
}

async function offsets(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  await shell.run("kafka-topics", "--create", "--topic", orders, "--partitions", "3", ...FOREVER);
  await shell.produce(orders, 0, 100);
  await shell.produce(orders, 1, 10);
  const at = (time: string): Promise<readonly string[]> => shell.run("kafka-get-offsets", "--topic", orders, "--time", time);
  const all = async (): Promise<unknown> => ({
    latest: await at("latest"),
    earliest: await at("earliest"),
    third: await at("1700000003000"),
    between: await at("1700000045500"),
    beyond: await at("1800000000000"),
  });
  const file = join(stage.folder, "delete.json");
  const partitions = [
    { topic: orders, partition: 0, offset: 40 },
    { topic: orders, partition: 1, offset: -1 },
    { topic: orders, partition: 2, offset: 5 },
  ];
  writeFileSync(file, JSON.stringify({ version: 1, partitions }));
  const maxTimestamp = await at("max-timestamp");
  return {
    before: await all(),
    maxTimestamp,
    deletedRecords: await shell.run("kafka-delete-records", "--offset-json-file", file),
    after: await all(),
    onePartition: await shell.run("kafka-get-offsets", "--topic-partitions", `${orders}:0,${orders}:2`),
    unknown: await shell.refusal("kafka-get-offsets", "--topic", stage.unique("nowhere")),
  };
}

async function transactions(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  const writer = stage.unique("writer");
  await shell.run("kafka-topics", "--create", "--topic", orders);
  await shell.beginTransaction(writer, orders);
  const observed: Record<string, unknown> = {};
  const look = async (when: string): Promise<void> => {
    const describe = ["describe", "--transactional-id", writer];
    const producers = await shell.run("kafka-transactions", "describe-producers", "--topic", orders, "--partition", "0");
    observed[when] = {
      // Transactional id, state.
      listed: (await shell.run("kafka-transactions", "list")).filter((line) => line.startsWith("writer ")).map(cells(0, 3)),
      // Transactional id, epoch, state, timeout, partitions.
      described: (await shell.run("kafka-transactions", ...describe)).map(cells(1, 4, 5, 8)),
      // Last sequence, where the transaction started.
      producers: producers.map(cells(3, 5)),
    };
  };
  await look("open");
  await shell.commitTransaction(writer);
  const partitions = (lines: readonly string[]): boolean => !lines.join().includes("orders-0");
  await shell.until(partitions, "kafka-transactions", "describe", "--transactional-id", writer);
  await look("committed");
  const nobody = stage.unique("nobody");
  observed["unknown"] = await shell.refusal("kafka-transactions", "describe", "--transactional-id", nobody);
  return observed;
}

/** These columns of a line. */
function cells(...columns: readonly number[]): (line: string) => string {
  return (line) => columns.map((column) => line.split(" ")[column] ?? "").join(" ");
}

async function cluster(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  await shell.run("kafka-topics", "--create", "--topic", orders, "--partitions", "2", ...FOREVER);
  await shell.produce(orders, 0, 10);
  const features = await shell.run("kafka-features", "describe");
  const logDirs = await shell.run("kafka-log-dirs", "--describe", "--topic-list", orders);
  const versions = await shell.run("kafka-broker-api-versions");
  const [id] = await shell.run("kafka-cluster", "cluster-id");
  const election = ["--election-type", "preferred", "--topic", orders, "--partition", "0"];
  return {
    hasClusterId: /^Cluster ID: [\w-]{22}$/.test(id ?? ""),
    features: features.filter((line) => /^Feature: (group|transaction)\.version/.test(line)).map(cells(1, 3, 5, 7)),
    apis: versions.filter((line) => APIS.test(line)).map((line) => line.replace(/,$/, "")),
    logDirs: logDirsOf(logDirs.find((line) => line.startsWith("{")) ?? "{}"),
    election: await shell.run("kafka-leader-election", ...election),
  };
}

interface LogDirs {
  readonly brokers: readonly {
    readonly logDirs: readonly { readonly error: string | null; readonly partitions: readonly LogDir[] }[];
  }[];
}

interface LogDir {
  readonly partition: string;
  readonly size: number;
  readonly offsetLag: number;
  readonly isFuture: boolean;
}

function logDirsOf(text: string): unknown {
  const { brokers } = JSON.parse(text) as LogDirs;
  const partitions = brokers
    .flatMap(({ logDirs }) => logDirs)
    .flatMap((dir) => dir.partitions.map((partition) => ({ ...partition, error: dir.error })));
  return partitions
    .map(({ size, ...rest }) => ({ ...rest, isEmpty: size === 0 }))
    .sort((a, b) => a.partition.localeCompare(b.partition));
}

async function performance(stage: Stage): Promise<unknown> {
  const shell = await ToolShell.open(stage);
  const orders = stage.unique("orders");
  await shell.run("kafka-topics", "--create", "--topic", orders, "--partitions", "3");
  const size = ["--num-records", "100000", "--record-size", "100", "--throughput", "-1"];
  const written = await shell.run("kafka-producer-perf-test", "--topic", orders, ...size);
  const count = ["--num-records", "100000", "--timeout", "30000"];
  const read = await shell.run("kafka-consumer-perf-test", "--topic", orders, "--group", stage.unique("group"), ...count);
  return {
    written: written.some((line) => line.startsWith("100000 records sent")),
    // The fifth of its columns is how many records were read.
    read: read.find((line) => /^\d{4}-/.test(line))?.split(", ")[4],
    ends: await shell
      .run("kafka-get-offsets", "--topic", orders)
      .then((lines) => lines.reduce((sum, line) => sum + Number(line.split(":")[2]), 0)),
    warnings: read.filter((line) => line.startsWith("WARNING")),
  };
}

const shared = { client: "java", timeoutMs: 120_000 } as const;

export const toolScenarios: readonly Scenario[] = [
  { ...shared, name: "kafka-topics creates, describes, alters, lists and deletes a topic", run: topics },
  { ...shared, name: "kafka-consumer-groups describes, lists and refuses to change groups with a member", run: describedGroups },
  { ...shared, name: "kafka-consumer-groups resets and deletes the offsets of a group, then the group", run: resetGroups },
  { ...shared, name: "kafka-configs alters a topic's and the brokers' configs, and shows where they come from", run: configs },
  { ...shared, name: "kafka-configs adds, describes and deletes SCRAM users", run: users },
  { ...shared, name: "kafka-get-offsets finds offsets by position and time, before and after kafka-delete-records", run: offsets },
  { ...shared, name: "kafka-transactions shows a transaction while it is open and when it is committed", run: transactions },
  { ...shared, name: "kafka-cluster, -features, -broker-api-versions, -log-dirs and -leader-election answer", run: cluster },
  { ...shared, name: "the performance tools write 100,000 records and read them", run: performance },
];
