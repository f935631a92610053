import type { KafkaError } from "../../../protocol/index.ts";
import { type OnThrown, type Recipient, type Told, tellDelivered, tellFailed } from "../accumulator/recipient.ts";
import type { ProducerRecord } from "../producer-record.ts";
import type { RecordMetadata } from "../record-metadata.ts";
import type { InterceptorChain } from "./interceptor-chain.ts";

/** Tells the interceptors, then whoever waits for the record. */
export class AcknowledgingRecipient implements Recipient {
  readonly #inner: Told | undefined;
  readonly #chain: InterceptorChain;
  readonly #topic: string;
  readonly #record: ProducerRecord<unknown, unknown>;

  readonly #onThrown: OnThrown;

  constructor(
    inner: Told | undefined,
    chain: InterceptorChain,
    topic: string,
    record: ProducerRecord<unknown, unknown>,
    onThrown: OnThrown,
  ) {
    this.#onThrown = onThrown;
    this.#inner = inner;
    this.#chain = chain;
    this.#topic = topic;
    this.#record = record;
  }

  delivered(metadata: RecordMetadata): void {
    this.#chain.onAcknowledgement(metadata, null, this.#topic, this.#record);
    if (this.#inner !== undefined) tellDelivered(this.#inner, metadata, this.#onThrown);
  }

  failed(error: KafkaError): void {
    this.refused(error);
    if (this.#inner !== undefined) tellFailed(this.#inner, error, this.#onThrown);
  }

  /** The record was not taken: the caller hears it by other ways. */
  refused(error: KafkaError): void {
    this.#chain.onAcknowledgement(undefined, error, this.#topic, this.#record);
  }
}
