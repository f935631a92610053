import type { TopicConfigDefinition } from "./topic-configs.ts";

/**
 * Topic configuration, with the defaults of Apache Kafka 4.3. A table. What concerns files on disk, compaction or lagging replicas is
 * kept and described, because clients and tools set it, but there is nothing that it could change; the documentation says so.
 */
export const topicConfigTable: readonly TopicConfigDefinition[] = [
  {
    name: "cleanup.policy",
    type: "list",
    defaultValue: "delete",
    values: ["compact", "delete"],
    brokerSynonym: "log.cleanup.policy",
    documentation:
      "What becomes of old records: deleted by age and size, or replaced by newer ones of the same key. Compacted topics demand keys; nothing is compacted here.",
  },
  {
    name: "compression.gzip.level",
    type: "int",
    defaultValue: "-1",
    min: 1,
    max: 9,
    exception: -1,
    brokerSynonym: "compression.gzip.level",
    documentation: "Level at which the broker itself compresses with gzip.",
  },
  {
    name: "compression.lz4.level",
    type: "int",
    defaultValue: "9",
    min: 1,
    max: 17,
    brokerSynonym: "compression.lz4.level",
    documentation: "Level at which the broker itself compresses with LZ4. Without effect here: LZ4 is written in one way.",
  },
  {
    name: "compression.type",
    type: "string",
    defaultValue: "producer",
    values: ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"],
    brokerSynonym: "compression.type",
    documentation: "Codec in which batches are stored: the producer's own, or this one.",
  },
  {
    name: "compression.zstd.level",
    type: "int",
    defaultValue: "3",
    min: -131072,
    max: 22,
    brokerSynonym: "compression.zstd.level",
    documentation: "Level at which the broker itself compresses with zstd.",
  },
  {
    name: "delete.retention.ms",
    type: "long",
    defaultValue: "86400000",
    min: 0,
    brokerSynonym: "log.cleaner.delete.retention.ms",
    documentation: "How long a compacted topic keeps tombstones. Nothing is compacted here, so they stay.",
  },
  {
    name: "file.delete.delay.ms",
    type: "long",
    defaultValue: "60000",
    min: 0,
    brokerSynonym: "log.segment.delete.delay.ms",
    documentation: "How long the files of deleted segments stay on disk. There are no files here.",
  },
  {
    name: "flush.messages",
    type: "long",
    defaultValue: "9223372036854775807",
    min: 1,
    brokerSynonym: "log.flush.interval.messages",
    documentation: "After how many records to write to disk. There is no disk here.",
  },
  {
    name: "flush.ms",
    type: "long",
    defaultValue: "9223372036854775807",
    min: 0,
    documentation: "After which time to write to disk. There is no disk here.",
  },
  {
    name: "follower.replication.throttled.replicas",
    type: "list",
    defaultValue: "",
    refusal: throttledReplicas("follower.replication.throttled.replicas"),
    documentation: "Replicas whose copying is throttled on the follower's side. Replicas never lag here.",
  },
  {
    name: "index.interval.bytes",
    type: "int",
    defaultValue: "4096",
    min: 0,
    brokerSynonym: "log.index.interval.bytes",
    documentation: "Bytes between two entries of a segment's index file. There are no files here.",
  },
  {
    name: "leader.replication.throttled.replicas",
    type: "list",
    defaultValue: "",
    refusal: throttledReplicas("leader.replication.throttled.replicas"),
    documentation: "Replicas whose copying is throttled on the leader's side. Replicas never lag here.",
  },
  {
    name: "local.retention.bytes",
    type: "long",
    defaultValue: "-2",
    min: -2,
    brokerSynonym: "log.local.retention.bytes",
    documentation: "What a tiered topic keeps on local disk. No topic can be tiered here.",
  },
  {
    name: "local.retention.ms",
    type: "long",
    defaultValue: "-2",
    min: -2,
    brokerSynonym: "log.local.retention.ms",
    documentation: "How long a tiered topic keeps records on local disk. No topic can be tiered here.",
  },
  {
    name: "max.compaction.lag.ms",
    type: "long",
    defaultValue: "9223372036854775807",
    min: 1,
    brokerSynonym: "log.cleaner.max.compaction.lag.ms",
    documentation: "When a record must have been compacted at the latest. Nothing is compacted here.",
  },
  {
    name: "max.message.bytes",
    type: "int",
    defaultValue: "1048588",
    min: 0,
    brokerSynonym: "message.max.bytes",
    documentation: "The largest batch that is accepted, after compression.",
  },
  {
    name: "message.timestamp.after.max.ms",
    type: "long",
    defaultValue: "3600000",
    min: 0,
    brokerSynonym: "log.message.timestamp.after.max.ms",
    documentation: "How far a record's time may be ahead of the broker's.",
  },
  {
    name: "message.timestamp.before.max.ms",
    type: "long",
    defaultValue: "9223372036854775807",
    min: 0,
    brokerSynonym: "log.message.timestamp.before.max.ms",
    documentation: "How far a record's time may be behind the broker's.",
  },
  {
    name: "message.timestamp.type",
    type: "string",
    defaultValue: "CreateTime",
    values: ["CreateTime", "LogAppendTime"],
    brokerSynonym: "log.message.timestamp.type",
    documentation: "Whether records carry the producer's time or the time of the append.",
  },
  {
    name: "min.cleanable.dirty.ratio",
    type: "double",
    defaultValue: "0.5",
    min: 0,
    max: 1,
    brokerSynonym: "log.cleaner.min.cleanable.ratio",
    documentation: "How much of the log must be new before compaction begins. Nothing is compacted here.",
  },
  {
    name: "min.compaction.lag.ms",
    type: "long",
    defaultValue: "0",
    min: 0,
    brokerSynonym: "log.cleaner.min.compaction.lag.ms",
    documentation: "How long a record is safe from compaction. Nothing is compacted here.",
  },
  {
    name: "min.insync.replicas",
    type: "int",
    defaultValue: "1",
    min: 1,
    brokerSynonym: "min.insync.replicas",
    documentation: "How many replicas must be in sync for a produce request that waits for all of them.",
  },
  {
    name: "preallocate",
    type: "boolean",
    defaultValue: "false",
    brokerSynonym: "log.preallocate",
    documentation: "Whether segment files are made in their full size. There are no files here.",
  },
  {
    name: "remote.log.copy.disable",
    type: "boolean",
    defaultValue: "false",
    documentation: "Whether a tiered topic stops copying. No topic can be tiered here.",
  },
  {
    name: "remote.log.delete.on.disable",
    type: "boolean",
    defaultValue: "false",
    documentation: "Whether turning tiered storage off deletes what was tiered. No topic can be tiered here.",
  },
  {
    name: "remote.storage.enable",
    type: "boolean",
    defaultValue: "false",
    refusal: tieredStorage,
    documentation: "Whether old segments move to remote storage. Always false here, as on brokers without tiered storage.",
  },
  {
    name: "retention.bytes",
    type: "long",
    defaultValue: "-1",
    brokerSynonym: "log.retention.bytes",
    documentation: "How many bytes each partition keeps; -1 for no limit.",
  },
  {
    name: "retention.ms",
    type: "long",
    defaultValue: "604800000",
    min: -1,
    brokerSynonym: "log.retention.ms",
    coarserSynonyms: [
      { name: "log.retention.minutes", unitMs: 60_000 },
      { name: "log.retention.hours", unitMs: 3_600_000 },
    ],
    documentation: "How long records are kept; -1 for ever.",
  },
  {
    name: "segment.bytes",
    type: "int",
    defaultValue: "1073741824",
    min: 1_048_576,
    brokerSynonym: "log.segment.bytes",
    documentation: "Size of a segment, in which retention deletes; no batch may be larger.",
  },
  {
    name: "segment.index.bytes",
    type: "int",
    defaultValue: "10485760",
    min: 4,
    brokerSynonym: "log.index.size.max.bytes",
    documentation: "Size of a segment's index file. There are no files here.",
  },
  {
    name: "segment.jitter.ms",
    type: "long",
    defaultValue: "0",
    min: 0,
    brokerSynonym: "log.roll.jitter.ms",
    coarserSynonyms: [{ name: "log.roll.jitter.hours", unitMs: 3_600_000 }],
    documentation: "Spreads the rolling of segments over time. Without effect here: nothing is gained by it in memory.",
  },
  {
    name: "segment.ms",
    type: "long",
    defaultValue: "604800000",
    min: 1,
    brokerSynonym: "log.roll.ms",
    coarserSynonyms: [{ name: "log.roll.hours", unitMs: 3_600_000 }],
    documentation: "After which time, by the records' timestamps, a segment is rolled although it is not full.",
  },
  {
    name: "unclean.leader.election.enable",
    type: "boolean",
    defaultValue: "false",
    brokerSynonym: "unclean.leader.election.enable",
    documentation: "Whether a replica that is out of sync may lead. Here replicas never lack anything, so that it loses nothing.",
  },
];

const THROTTLED_REPLICAS = /^(?:|\*|\d+:\d+(?:,\d+:\d+)*)$/;

function throttledReplicas(name: string): (value: string) => string | undefined {
  return (value) => {
    if (THROTTLED_REPLICAS.test(value)) return undefined;
    const format =
      "must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...";
    return `Invalid value [${value.replaceAll(",", ", ")}] for configuration ${name}: ${name} ${format}`;
  };
}

function tieredStorage(value: string): string | undefined {
  if (value === "false") return undefined;
  return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.";
}
