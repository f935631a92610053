/** Table: the options that only consumers have. Defaults are kafka-python 3.0.12's, or Java's where it has none. */
import {
  assignmentStrategyKind,
  commitCallbackKind,
  deserializerKind,
  instanceIdKind,
  offsetResetKind,
  timeoutOrNever,
} from "./consumer-kinds.ts";
import type { ConsumerOnlyConfig } from "./consumer-options.ts";
import { type SettingTable, setting } from "./setting.ts";
import { anyText, bytes, choice, flag, INT32_MAX, milliseconds, number, optional, text } from "./value-kinds.ts";

export const consumerSettings: SettingTable<ConsumerOnlyConfig> = {
  groupId: setting(optional(text), {
    fallback: undefined,
    doc: "The group whose members share the partitions and the commits; without it there is neither.",
    java: ["group.id"],
    librdkafka: ["group.id"],
    aliases: ["group", "consumerGroup"],
  }),
  groupInstanceId: setting(optional(instanceIdKind), {
    fallback: undefined,
    doc: "The name of a static member, who keeps its partitions through a restart (KIP-345).",
    java: ["group.instance.id"],
    librdkafka: ["group.instance.id"],
  }),
  groupProtocol: setting(choice(["classic", "consumer", "auto"]), {
    fallback: "classic",
    doc: "Who assigns partitions: the members (`'classic'`), the broker (`'consumer'`, KIP-848), or the broker if it can (`'auto'`).",
    java: ["group.protocol"],
    librdkafka: ["group.protocol"],
  }),
  groupRemoteAssignor: setting(optional(text), {
    fallback: undefined,
    fallbackText: "the broker's",
    doc: "The broker's assignor to ask for with groupProtocol `'consumer'`.",
    java: ["group.remote.assignor"],
    librdkafka: ["group.remote.assignor"],
  }),
  partitionAssignmentStrategy: setting(assignmentStrategyKind, {
    fallback: ["range", "roundrobin"],
    fallbackText: "['range', 'roundrobin']",
    doc: "The strategies that the members of a classic group may agree on, the preferred one first.",
    java: ["partition.assignment.strategy"],
    librdkafka: ["partition.assignment.strategy"],
    aliases: ["partitionAssigners"],
  }),
  sessionTimeoutMs: setting(milliseconds(1), {
    fallback: 45_000,
    doc: "How long a member may be silent before its group goes on without it.",
    java: ["session.timeout.ms"],
    librdkafka: ["session.timeout.ms"],
    aliases: ["sessionTimeout"],
  }),
  heartbeatIntervalMs: setting(milliseconds(1), {
    fallback: 3000,
    doc: "How often a member tells its coordinator that it lives.",
    java: ["heartbeat.interval.ms"],
    librdkafka: ["heartbeat.interval.ms"],
    aliases: ["heartbeatInterval"],
  }),
  maxPollIntervalMs: setting(milliseconds(1), {
    fallback: 300_000,
    doc: "How long a member may take between two calls of `poll()` before it leaves its group.",
    java: ["max.poll.interval.ms"],
    librdkafka: ["max.poll.interval.ms"],
    aliases: ["rebalanceTimeout"],
  }),
  maxPollRecords: setting(number({ min: 1, max: INT32_MAX }), {
    fallback: 500,
    doc: "How many records one `poll()` gives at most.",
    java: ["max.poll.records"],
    librdkafka: ["max.poll.records"],
  }),
  autoOffsetReset: setting(offsetResetKind, {
    fallback: "latest",
    doc: "Where to begin without a committed offset, or when it is out of range: at one end, so long ago, or with an error (`'none'`).",
    java: ["auto.offset.reset"],
    librdkafka: ["auto.offset.reset"],
    aliases: ["fromBeginning"],
  }),
  enableAutoCommit: setting(flag, {
    fallback: true,
    doc: "Whether what was handed out is committed from time to time; the default is true with a groupId.",
    java: ["enable.auto.commit"],
    librdkafka: ["enable.auto.commit", "auto.commit.enable"],
    aliases: ["autoCommit"],
  }),
  autoCommitIntervalMs: setting(milliseconds(), {
    fallback: 5000,
    doc: "How often that is.",
    java: ["auto.commit.interval.ms"],
    librdkafka: ["auto.commit.interval.ms"],
    aliases: ["autoCommitInterval"],
  }),
  defaultOffsetCommitCallback: setting(optional(commitCallbackKind), {
    fallback: undefined,
    doc: "Is told how each commit without a callback of its own ended.",
  }),
  keyDeserializer: setting(optional(deserializerKind), {
    fallback: undefined,
    doc: "Turns keys from bytes; without it they stay bytes.",
  }),
  valueDeserializer: setting(optional(deserializerKind), {
    fallback: undefined,
    doc: "Turns values from bytes; without it they stay bytes.",
  }),
  fetchMinBytes: setting(bytes(0), {
    fallback: 1,
    doc: "How many bytes a broker waits for before it answers a fetch.",
    java: ["fetch.min.bytes"],
    librdkafka: ["fetch.min.bytes"],
    aliases: ["minBytes"],
  }),
  fetchMaxWaitMs: setting(milliseconds(), {
    fallback: 500,
    doc: "How long it waits for them; up to 4000 while nothing comes, unless this is set, or fetchMinBytes is more than 1.",
    java: ["fetch.max.wait.ms"],
    librdkafka: ["fetch.wait.max.ms"],
    aliases: ["maxWaitTimeInMs", "maxWaitTime"],
  }),
  fetchMaxBytes: setting(bytes(0), {
    fallback: 52_428_800,
    doc: "How many bytes a broker answers a fetch with; a first batch that is larger comes all the same.",
    java: ["fetch.max.bytes"],
    librdkafka: ["fetch.max.bytes"],
    aliases: ["maxBytes"],
  }),
  maxPartitionFetchBytes: setting(bytes(0), {
    fallback: 1_048_576,
    doc: "How many of them for one partition; a first batch that is larger comes all the same.",
    java: ["max.partition.fetch.bytes"],
    librdkafka: ["max.partition.fetch.bytes", "fetch.message.max.bytes"],
    aliases: ["maxBytesPerPartition"],
  }),
  isolationLevel: setting(choice(["read_uncommitted", "read_committed"]), {
    fallback: "read_uncommitted",
    doc: "Whether records of open and aborted transactions are handed out too.",
    java: ["isolation.level"],
    librdkafka: ["isolation.level"],
    aliases: ["readUncommitted"],
  }),
  checkCrcs: setting(flag, {
    fallback: true,
    doc: "Whether the checksum of every batch is verified.",
    java: ["check.crcs"],
    librdkafka: ["check.crcs"],
  }),
  clientRack: setting(anyText, {
    fallback: "",
    fallbackText: "''",
    doc: "Where this client is, so that it may read from a replica nearby (KIP-392), and assignors may give it partitions that have one (KIP-881).",
    java: ["client.rack"],
    librdkafka: ["client.rack"],
    aliases: ["rackId", "rack"],
  }),
  consumerTimeoutMs: setting(timeoutOrNever, {
    fallback: Number.POSITIVE_INFINITY,
    doc: "After how long without a record iterating ends; Infinity, or a negative number, never ends it.",
  }),
  excludeInternalTopics: setting(flag, {
    fallback: true,
    doc: "Whether a regular expression leaves Kafka's own topics out.",
    java: ["exclude.internal.topics"],
  }),
  allowAutoCreateTopics: setting(flag, {
    fallback: true,
    doc: "Whether a topic that does not exist may be created by naming it to subscribe; what fits a pattern is never made again.",
    java: ["allow.auto.create.topics"],
    librdkafka: ["allow.auto.create.topics"],
    aliases: ["allowAutoTopicCreation"],
  }),
  enableIncrementalFetchSessions: setting(flag, {
    fallback: true,
    doc: "Whether a fetch only says what changed since the last one (KIP-227).",
  }),
};
