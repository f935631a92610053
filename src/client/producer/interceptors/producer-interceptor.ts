import type { KafkaError } from "../../../protocol/index.ts";
import type { ProducerRecord } from "../producer-record.ts";
import type { RecordMetadata } from "../record-metadata.ts";

/**
 * Sees every record on its way out, and what became of it: for headers that all records carry, for audits and traces. It cannot do
 * harm: what it throws is logged, and the record goes on as it was.
 */
export interface ProducerInterceptor<K = unknown, V = unknown> {
  /**
   * Called by `send`, before key and value have bytes and the record a partition. What is returned is sent instead; nothing, to leave it.
   * It must not wait, and must not change the record itself: that is the caller's.
   */
  onSend?(topic: string, record: ProducerRecord<K, V>): ProducerRecord<K, V> | undefined;
  /**
   * Called once for each record, when it is written or has failed, also if it was never sent. It comes in the middle of the client's work:
   * be quick.
   *
   * @param record as it was sent: with the changes of all interceptors
   */
  onAcknowledgement?(
    metadata: RecordMetadata | undefined,
    error: KafkaError | null,
    topic: string,
    record: ProducerRecord<K, V>,
  ): void;
}
