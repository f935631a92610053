/** Table: the options that only producers have. Defaults are kafka-python 3.0.12's; bufferMemory's is Java's. */
import { acksKind, interceptorsKind, partitionerKind, serializerKind } from "./producer-kinds.ts";
import type { ProducerOnlyConfig } from "./producer-options.ts";
import { type SettingTable, setting } from "./setting.ts";
import { anyText, bytes, choice, flag, INT32_MAX, milliseconds, number, optional, text } from "./value-kinds.ts";

export const producerSettings: SettingTable<ProducerOnlyConfig> = {
  keySerializer: setting(optional(serializerKind), {
    fallback: undefined,
    doc: "Turns keys into bytes; without it they are bytes, text or null.",
  }),
  valueSerializer: setting(optional(serializerKind), {
    fallback: undefined,
    doc: "Turns values into bytes; without it they are bytes, text or null.",
  }),
  acks: setting(acksKind, {
    fallback: -1,
    fallbackText: "'all'",
    doc: "Who must have written a record before it counts as sent: all in-sync replicas (`'all'`, -1), the leader (1), nobody (0).",
    java: ["acks"],
    librdkafka: ["acks", "request.required.acks"],
  }),
  compression: setting(choice(["none", "gzip", "snappy", "lz4", "zstd"]), {
    fallback: "none",
    doc: "How batches are compressed.",
    java: ["compression.type"],
    librdkafka: ["compression.type", "compression.codec"],
    aliases: ["compression_type", "compressionType"],
  }),
  compressionLevel: setting(optional(number({ min: -131_072, max: 22 })), {
    fallback: undefined,
    fallbackText: "the codec's own",
    doc: "How hard to compress, on the codec's own scale; without it the codec's default.",
    java: ["compression.gzip.level", "compression.lz4.level", "compression.zstd.level"],
    librdkafka: ["compression.level"],
  }),
  lingerMs: setting(number({ min: 0, max: INT32_MAX, unit: "ms", fractions: true }), {
    fallback: 0,
    doc: "How long a record may wait for others that share its batch.",
    java: ["linger.ms"],
    librdkafka: ["linger.ms", "queue.buffering.max.ms"],
  }),
  batchSize: setting(bytes(0), {
    fallback: 16_384,
    doc: "How large a batch may become; 0 sends every record by itself.",
    java: ["batch.size"],
    librdkafka: ["batch.size"],
  }),
  bufferMemory: setting(bytes(0, Number.MAX_SAFE_INTEGER), {
    fallback: 33_554_432,
    doc: "How much memory records may take that have not been sent; when it is full, sending waits.",
    java: ["buffer.memory"],
    librdkafka: ["queue.buffering.max.kbytes"],
  }),
  bufferMaxRecords: setting(number({ min: 1, max: Number.MAX_SAFE_INTEGER, infinite: true }), {
    fallback: Number.POSITIVE_INFINITY,
    doc: "How many records may be waiting to be sent; when there are as many, sending waits.",
    librdkafka: ["queue.buffering.max.messages"],
  }),
  maxBlockMs: setting(milliseconds(), {
    fallback: 60_000,
    doc: "How long sending may wait for memory or for metadata, and any other call for what it needs; the default is defaultApiTimeoutMs if that is given.",
    java: ["max.block.ms"],
  }),
  maxRequestSize: setting(bytes(1), {
    fallback: 1_048_576,
    doc: "The largest request, and so the largest record before compression.",
    java: ["max.request.size"],
    librdkafka: ["message.max.bytes"],
  }),
  deliveryTimeoutMs: setting(milliseconds(1), {
    fallback: 120_000,
    doc: "How long a record may be on its way, its waiting and retries included, before it counts as failed; with a transactionalId transactionTimeoutMs at most, and that by default.",
    java: ["delivery.timeout.ms"],
    librdkafka: ["delivery.timeout.ms", "message.timeout.ms"],
  }),
  retries: setting(number({ min: 0, max: INT32_MAX, infinite: true }), {
    fallback: Number.POSITIVE_INFINITY,
    doc: "How often a record is sent again after a failure that may pass; deliveryTimeoutMs is the better limit.",
    java: ["retries"],
    librdkafka: ["retries", "message.send.max.retries"],
  }),
  enableIdempotence: setting(flag, {
    fallback: true,
    doc: "Whether brokers recognise what was sent twice; the default is true unless acks, retries or maxInFlightRequestsPerConnection rule it out.",
    java: ["enable.idempotence"],
    librdkafka: ["enable.idempotence"],
    aliases: ["idempotent"],
  }),
  transactionalId: setting(optional(text), {
    fallback: undefined,
    doc: "The name under which transactions survive a restart; giving it makes the producer transactional.",
    java: ["transactional.id"],
    librdkafka: ["transactional.id"],
  }),
  transactionTimeoutMs: setting(milliseconds(1), {
    fallback: 60_000,
    doc: "After how long the coordinator aborts a transaction that nobody ended.",
    java: ["transaction.timeout.ms"],
    librdkafka: ["transaction.timeout.ms"],
  }),
  partitioner: setting(partitionerKind, {
    fallback: "default",
    doc: "Chooses a record's partition: `'default'` as Java does (murmur2 of the key), `'consistentRandom'` as librdkafka does (CRC-32 of it), in turn, or by a function.",
    java: ["partitioner.class"],
    librdkafka: ["partitioner"],
    aliases: ["createPartitioner"],
  }),
  partitionerAdaptive: setting(flag, {
    fallback: true,
    doc: "Whether records without keys go rather to partitions where fewer batches wait (KIP-794); otherwise to all alike.",
    java: ["partitioner.adaptive.partitioning.enable"],
  }),
  partitionerAvailabilityTimeoutMs: setting(milliseconds(), {
    fallback: 0,
    doc: "For how long a partition's leader may take nothing before records without keys go elsewhere; 0 does not look at that.",
    java: ["partitioner.availability.timeout.ms"],
  }),
  partitionerIgnoreKeys: setting(flag, {
    fallback: false,
    doc: "Whether keys have no say, as if no record had one.",
    java: ["partitioner.ignore.keys"],
  }),
  partitionerRackAware: setting(flag, {
    fallback: false,
    doc: "Whether records without keys go to leaders in clientRack, as long as there are any (KIP-1123).",
    java: ["partitioner.rack.aware"],
  }),
  clientRack: setting(anyText, {
    fallback: "",
    fallbackText: "''",
    doc: "Where this client is: the rack that partitionerRackAware prefers.",
    java: ["client.rack"],
  }),
  allowAutoCreateTopics: setting(flag, {
    fallback: true,
    doc: "Whether a topic that does not exist may be created by sending to it.",
    aliases: ["allowAutoTopicCreation"],
  }),
  interceptors: setting(interceptorsKind, {
    fallback: [],
    fallbackText: "none",
    doc: "Who sees each record before it is sent, and hears what became of it, one after the other.",
  }),
};
