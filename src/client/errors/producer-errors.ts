import { KafkaError } from "../../protocol/index.ts";
import { harmlessText } from "./harmless-text.ts";

/** A record found no room in the producer's memory, in time. */
export class QueueFullError extends KafkaError {
  override readonly code = "QUEUE_FULL";
  override readonly retriable = true;
  readonly topic: string;
  /** What the record needs. */
  readonly wantedBytes: number;
  /** What all records that wait to be sent may take. */
  readonly bufferMemory: number;
  /** How long it was waited for room. */
  readonly waitedMs: number;

  constructor(init: {
    readonly topic: string;
    readonly wantedBytes: number;
    readonly bufferMemory: number;
    readonly waitedMs?: number;
  }) {
    const { topic, wantedBytes, bufferMemory, waitedMs = 0 } = init;
    const waited = waitedMs > 0 ? ` after ${Math.round(waitedMs)} ms` : "";
    super(
      `topic '${harmlessText(topic)}': no room for a record of ${wantedBytes} bytes${waited}: the ${bufferMemory} bytes of bufferMemory ` +
        "hold records that are not sent yet; wait for ready(), send more slowly, or raise bufferMemory or maxBlockMs",
    );
    this.topic = topic;
    this.wantedBytes = wantedBytes;
    this.bufferMemory = bufferMemory;
    this.waitedMs = waitedMs;
  }
}

/** Another producer has taken over the transactional id. What this one had not committed is aborted; it can do nothing more but close. */
export class ProducerFencedError extends KafkaError {
  override readonly code = "PRODUCER_FENCED";
  override readonly retriable = false;
  readonly transactionalId: string;

  constructor(transactionalId: string, options: { readonly cause?: unknown } = {}) {
    super(
      `transactional id '${harmlessText(transactionalId)}': another producer has begun to use it, or the transaction took longer than ` +
        "transactionTimeoutMs; close this producer, and give each that runs at the same time an id of its own",
      options,
    );
    this.transactionalId = transactionalId;
  }
}
