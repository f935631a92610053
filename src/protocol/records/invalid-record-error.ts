import { KafkaError } from "../kafka-error.ts";

/** A record or batch that Kafka's format cannot hold: the caller's values are wrong, and no bytes were written. */
export class InvalidRecordError extends KafkaError {
  override readonly code = "INVALID_RECORD";
  override readonly retriable = false;

  constructor(message: string) {
    super(message);
  }
}
