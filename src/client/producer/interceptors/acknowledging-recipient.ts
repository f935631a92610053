import type { KafkaError } from "../../../protocol/index.ts";
import type { Recipient } from "../accumulator/recipient.ts";
import type { ProducerRecord } from "../producer-record.ts";
import type { RecordMetadata } from "../record-metadata.ts";
import type { InterceptorChain } from "./interceptor-chain.ts";

/** Tells the interceptors, then whoever waits for the record. */
export class AcknowledgingRecipient implements Recipient {
  readonly #inner: Recipient | undefined;
  readonly #chain: InterceptorChain;
  readonly #topic: string;
  readonly #record: ProducerRecord<unknown, unknown>;

  constructor(inner: Recipient | undefined, chain: InterceptorChain, topic: string, record: ProducerRecord<unknown, unknown>) {
    this.#inner = inner;
    this.#chain = chain;
    this.#topic = topic;
    this.#record = record;
  }

  delivered(metadata: RecordMetadata): void {
    this.#chain.onAcknowledgement(metadata, null, this.#topic, this.#record);
    this.#inner?.delivered(metadata);
  }

  failed(error: KafkaError): void {
    this.refused(error);
    this.#inner?.failed(error);
  }

  /** The record was not taken: the caller hears it by other ways. */
  refused(error: KafkaError): void {
    this.#chain.onAcknowledgement(undefined, error, this.#topic, this.#record);
  }
}
