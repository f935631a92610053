/** Where a record has been written. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1 when it is not known: with `acks` 0, and when the broker had the record already and no longer knew where. */
  readonly offset: number;
  /** The record's own, or the broker's where the topic keeps the time of appending. Milliseconds since 1970. */
  readonly timestamp: number;
  /** -1 for null. */
  readonly serializedKeySize: number;
  /** -1 for null. */
  readonly serializedValueSize: number;
}
