import type { CallOptions } from "../../client-core.ts";
import type { ProducerRecord } from "../producer-record.ts";
import type { RecordMetadata } from "../record-metadata.ts";

/** Where a group goes on, as part of a transaction. */
export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  /** The next one to be read: the last one processed, plus one. */
  readonly offset: number;
  readonly metadata?: string | undefined;
  readonly leaderEpoch?: number | undefined;
}

/** Who consumes, so that a member that was thrown out of its group cannot commit (KIP-447). */
export interface ConsumerGroupMetadata {
  readonly groupId: string;
  readonly generationId?: number | undefined;
  readonly memberId?: string | undefined;
  readonly groupInstanceId?: string | undefined;
}

/** What `Producer.transaction` hands to its function. */
export interface TransactionScope<K, V> {
  send(topic: string, record: ProducerRecord<K, V>, options?: CallOptions): Promise<RecordMetadata>;
  sendBatch(topic: string, records: readonly ProducerRecord<K, V>[], options?: CallOptions): Promise<RecordMetadata[]>;
  sendOffsets(offsets: readonly OffsetToCommit[], group: ConsumerGroupMetadata | string, options?: CallOptions): Promise<void>;
}
