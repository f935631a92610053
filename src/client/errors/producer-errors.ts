import { type DeliveryVerdict, KafkaError, type TransactionSeverity } from "../../protocol/index.ts";
import { harmlessText } from "./harmless-text.ts";

/** A record found no room in the producer's memory, in time. */
export class QueueFullError extends KafkaError {
  override readonly code = "QUEUE_FULL";
  override readonly retriable = true;
  /** Undefined, with `wantedBytes`, when it is `ready` that has waited: for no record in particular. */
  readonly topic: string | undefined;
  /** What the record needs. */
  readonly wantedBytes: number | undefined;
  /** What all records that wait to be sent may take. */
  readonly bufferMemory: number;
  /** How long it was waited for room. */
  readonly waitedMs: number;

  constructor(init: {
    readonly topic?: string;
    readonly wantedBytes?: number;
    readonly bufferMemory: number;
    readonly waitedMs?: number;
  }) {
    const { topic, wantedBytes, bufferMemory, waitedMs = 0 } = init;
    const waited = waitedMs > 0 ? ` after ${Math.round(waitedMs)} ms` : "";
    const where = topic === undefined ? "" : `topic '${harmlessText(topic)}': `;
    const what = wantedBytes === undefined ? "" : ` for a record of ${wantedBytes} bytes`;
    super(
      `${where}no room${what}${waited}: the ${bufferMemory} bytes of bufferMemory ` +
        "hold records that are not sent yet; wait for ready(), send more slowly, or raise bufferMemory or maxBlockMs",
    );
    this.topic = topic;
    this.wantedBytes = wantedBytes;
    this.bufferMemory = bufferMemory;
    this.waitedMs = waitedMs;
  }
}

/** A key or a value has no bytes: its serializer did not take it, or there is none. Nothing of it is shown; `cause` may say more. */
export class SerializationError extends KafkaError {
  override readonly code = "SERIALIZATION";
  override readonly retriable = false;
  readonly topic: string;
  /** Undefined where a serializer was called by hand: it does not know. */
  readonly part: "key" | "value" | undefined;
  /** The message, without where it was. */
  readonly problem: string;

  constructor(problem: string, init: { readonly topic: string; readonly part?: "key" | "value"; readonly cause?: unknown }) {
    const { topic, part, cause } = init;
    const where = part === undefined ? "" : `, ${part}`;
    super(`topic '${harmlessText(String(topic))}'${where}: ${problem}`, cause === undefined ? undefined : { cause });
    this.topic = topic;
    this.part = part;
    this.problem = problem;
  }
}

/** Another producer has taken over the transactional id. What this one had not committed is aborted; it can do nothing more but close. */
export class ProducerFencedError extends KafkaError {
  override readonly code = "PRODUCER_FENCED";
  override readonly retriable = false;
  override severity: TransactionSeverity = "fatal";
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

/** A record was not sent, because its transaction is aborted: by a call, or because something else in it has failed (`cause`). */
export class TransactionAbortedError extends KafkaError {
  override readonly code = "TRANSACTION_ABORTED";
  override readonly retriable = false;
  override severity: TransactionSeverity = "abortable";
  override verdict: DeliveryVerdict = "not persisted";
  readonly transactionalId: string;

  constructor(transactionalId: string, options: { readonly cause?: unknown } = {}) {
    const { cause } = options;
    super(
      `transactional id '${harmlessText(transactionalId)}': not sent, for the transaction is aborted` +
        (cause instanceof Error ? `; what failed in it: ${cause.message}` : ""),
      options,
    );
    this.transactionalId = transactionalId;
  }
}

/** Something in the transaction has failed (`cause`), so that it cannot be committed any more, nor be added to. */
export class TransactionFailedError extends KafkaError {
  override readonly code = "TRANSACTION_FAILED";
  override readonly retriable = false;
  override severity: TransactionSeverity = "abortable";
  readonly transactionalId: string;

  /** @param call what was asked for in vain */
  constructor(call: string, transactionalId: string, cause: Error) {
    super(
      `transactional id '${harmlessText(transactionalId)}': ${call}: the transaction can only be aborted; call abortTransaction(). ` +
        `What failed in it: ${cause.message}`,
      { cause },
    );
    this.transactionalId = transactionalId;
  }
}

/** A record is larger than any request may be. */
export class RecordTooLargeError extends KafkaError {
  /** As brokers call it. */
  override readonly code = "MESSAGE_TOO_LARGE";
  override readonly retriable = false;
  override verdict: DeliveryVerdict = "not persisted";
  readonly topic: string;
  readonly recordBytes: number;
  readonly maxRequestSize: number;

  constructor(init: { readonly topic: string; readonly recordBytes: number; readonly maxRequestSize: number }) {
    const { topic, recordBytes, maxRequestSize } = init;
    super(
      `topic '${harmlessText(topic)}': a record of ${recordBytes} bytes is larger than maxRequestSize (${maxRequestSize}); ` +
        "make it smaller, or raise maxRequestSize and the topic's max.message.bytes",
    );
    this.topic = topic;
    this.recordBytes = recordBytes;
    this.maxRequestSize = maxRequestSize;
  }
}
