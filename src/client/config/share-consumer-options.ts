import type { Deserializer } from "../serializers/serializer.ts";
import type { AcknowledgementResult } from "../share-consumer/acknowledgement-result.ts";
import type { ConnectionConfig, ConnectionOptions } from "./common-options.ts";
import type { SecurityConfig, SecurityOptions } from "./security-options.ts";
import type { Resolved } from "./setting.ts";

/** Is told what became of acknowledgements, of each partition once. */
export type AcknowledgementCommitCallback = (results: readonly AcknowledgementResult[]) => void;

/** Options that only share consumers have, or have in their own way. */
export interface ShareConsumerOnlyOptions<K = unknown, V = unknown> {
  /** The share group whose members share the records; there is no share consumer without one. */
  readonly groupId?: string | undefined;
  /** Whether the next `poll()` or `commit()` accepts all records of the last one, or each is acknowledged by `acknowledge()`. */
  readonly shareAcknowledgementMode?: "implicit" | "explicit" | undefined;
  /** Whether the broker locks whole batches, or `maxPollRecords` at most even in the middle of one (KIP-1206). */
  readonly shareAcquireMode?: "batch_optimized" | "record_limit" | undefined;
  /** Is told what became of acknowledgements, of each partition once; without it failures are warnings. */
  readonly acknowledgementCommitCallback?: AcknowledgementCommitCallback | undefined;
  /** How long a member may take between two calls of `poll()` before it leaves its group. */
  readonly maxPollIntervalMs?: number | undefined;
  /** How many records one `poll()` gives at most, and a broker is asked to lock. */
  readonly maxPollRecords?: number | undefined;
  /** Turns keys from bytes; without it they stay bytes. */
  readonly keyDeserializer?: Deserializer<K> | undefined;
  /** Turns values from bytes; without it they stay bytes. */
  readonly valueDeserializer?: Deserializer<V> | undefined;
  /** How many bytes a broker waits for before it answers a fetch. */
  readonly fetchMinBytes?: number | undefined;
  /** How long it waits for them. */
  readonly fetchMaxWaitMs?: number | undefined;
  /** How many bytes all brokers together answer a fetch with; a first batch that is larger comes all the same. */
  readonly fetchMaxBytes?: number | undefined;
  /** Whether the checksum of every batch is verified. */
  readonly checkCrcs?: boolean | undefined;
  /** Where this client is, which the group's assignor may heed. */
  readonly clientRack?: string | undefined;
  /** Whether a topic that does not exist may be created by subscribing to it. */
  readonly allowAutoCreateTopics?: boolean | undefined;
}

/** Options of a ShareConsumer. */
export interface ShareConsumerOptions<K = Uint8Array | null, V = Uint8Array | null>
  extends ConnectionOptions,
    SecurityOptions,
    ShareConsumerOnlyOptions<K, V> {}

export type ShareConsumerOnlyConfig = Resolved<
  ShareConsumerOnlyOptions,
  {
    readonly groupId: string | undefined;
    readonly acknowledgementCommitCallback: AcknowledgementCommitCallback | undefined;
    readonly keyDeserializer: Deserializer<unknown> | undefined;
    readonly valueDeserializer: Deserializer<unknown> | undefined;
  }
>;

/** A ShareConsumer's options after parsing: no gaps, and frozen. */
export type ResolvedShareConsumerConfig = ConnectionConfig & SecurityConfig & ShareConsumerOnlyConfig;
