import type { CompressionName } from "../../protocol/index.ts";
import type { ProducerInterceptor } from "../producer/interceptors/producer-interceptor.ts";
import type { SerializedBytes, Serializer } from "../serializers/serializer.ts";
import type { ConnectionConfig, ConnectionOptions } from "./common-options.ts";
import type { SecurityConfig, SecurityOptions } from "./security-options.ts";
import type { Resolved } from "./setting.ts";

/** Chooses the partition of a record. The key is as serialized; `available` are the partitions that have a leader now. */
export type Partitioner = (
  topic: string,
  key: Uint8Array | null,
  partitions: readonly number[],
  available: readonly number[],
) => number;

/** Java's default and its round robin, and librdkafka's by their names there. */
export type PartitionerName =
  | "default"
  | "roundRobin"
  | "random"
  | "consistent"
  | "consistentRandom"
  | "murmur2"
  | "murmur2Random"
  | "fnv1a"
  | "fnv1aRandom";

/** Options that only producers have. */
export interface ProducerOnlyOptions<K = SerializedBytes, V = SerializedBytes> {
  /** Turns keys into bytes; without it they are bytes, text or null. */
  readonly keySerializer?: Serializer<K> | undefined;
  /** Turns values into bytes; without it they are bytes, text or null. */
  readonly valueSerializer?: Serializer<V> | undefined;
  /** Who must have written a record before it counts as sent: all in-sync replicas (`'all'`, -1), the leader (1), nobody (0). */
  readonly acks?: "all" | -1 | 0 | 1 | undefined;
  /** How batches are compressed. */
  readonly compression?: CompressionName | undefined;
  /** How hard to compress, on the codec's own scale; without it the codec's default. */
  readonly compressionLevel?: number | undefined;
  /** How long a record may wait for others that share its batch. */
  readonly lingerMs?: number | undefined;
  /** How large a batch may become; 0 sends every record by itself. */
  readonly batchSize?: number | undefined;
  /** How much memory records may take that have not been sent; when it is full, sending waits. */
  readonly bufferMemory?: number | undefined;
  /** How many records may be waiting to be sent; when there are as many, sending waits. */
  readonly bufferMaxRecords?: number | undefined;
  /** How long sending may wait for memory or for metadata, and any other call for what it needs; the default is defaultApiTimeoutMs if that is given. */
  readonly maxBlockMs?: number | undefined;
  /** The largest request, and so the largest record before compression. */
  readonly maxRequestSize?: number | undefined;
  /** How long a record may be on its way, its waiting and retries included, before it counts as failed; with a transactionalId transactionTimeoutMs at most, and that by default. */
  readonly deliveryTimeoutMs?: number | undefined;
  /** How often a record is sent again after a failure that may pass; deliveryTimeoutMs is the better limit. */
  readonly retries?: number | undefined;
  /** Whether brokers recognise what was sent twice; the default is true unless acks, retries or maxInFlightRequestsPerConnection rule it out. */
  readonly enableIdempotence?: boolean | undefined;
  /** The name under which transactions survive a restart; giving it makes the producer transactional. */
  readonly transactionalId?: string | undefined;
  /** After how long the coordinator aborts a transaction that nobody ended. */
  readonly transactionTimeoutMs?: number | undefined;
  /** Chooses a record's partition: `'default'` as Java does (murmur2 of the key), `'consistentRandom'` as librdkafka does (CRC-32 of it), in turn, or by a function. */
  readonly partitioner?: PartitionerName | Partitioner | undefined;
  /** Whether records without keys go rather to partitions where fewer batches wait (KIP-794); otherwise to all alike. */
  readonly partitionerAdaptive?: boolean | undefined;
  /** For how long a partition's leader may take nothing before records without keys go elsewhere; 0 does not look at that. */
  readonly partitionerAvailabilityTimeoutMs?: number | undefined;
  /** Whether keys have no say, as if no record had one. */
  readonly partitionerIgnoreKeys?: boolean | undefined;
  /** Whether records without keys go to leaders in clientRack, as long as there are any (KIP-1123). */
  readonly partitionerRackAware?: boolean | undefined;
  /** Where this client is: the rack that partitionerRackAware prefers. */
  readonly clientRack?: string | undefined;
  /** Whether a topic that does not exist may be created by sending to it. */
  readonly allowAutoCreateTopics?: boolean | undefined;
  /** Who sees each record before it is sent, and hears what became of it, one after the other. */
  readonly interceptors?: readonly ProducerInterceptor[] | undefined;
}

/** Options of a Producer. */
export interface ProducerOptions<K = SerializedBytes, V = SerializedBytes>
  extends ConnectionOptions,
    SecurityOptions,
    ProducerOnlyOptions<K, V> {}

export type ProducerOnlyConfig = Resolved<
  ProducerOnlyOptions,
  {
    readonly keySerializer: Serializer<unknown> | undefined;
    readonly valueSerializer: Serializer<unknown> | undefined;
    readonly acks: -1 | 0 | 1;
    readonly compressionLevel: number | undefined;
    readonly transactionalId: string | undefined;
  }
>;

/** A Producer's options after parsing: no gaps, and frozen. */
export type ResolvedProducerConfig = ConnectionConfig & SecurityConfig & ProducerOnlyConfig;
