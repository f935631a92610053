import type { KafkaError } from "../../protocol/index.ts";
import type { TopicPartition } from "../consumer/topic-partition.ts";

/** What became of acknowledgements of records of one partition. */
export interface AcknowledgementResult extends TopicPartition {
  /** Those that were acknowledged, in whichever way. */
  readonly offsets: readonly number[];
  /**
   * Undefined: the broker has taken them. A `BrokerError` is its refusal, for instance INVALID_RECORD_STATE: a lock had run out. An
   * `AcknowledgementError` says whether it may have heard of them.
   */
  readonly error: KafkaError | undefined;
}
