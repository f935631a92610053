/** What becomes of a batch after an attempt: it is written, it goes again, it goes in parts, or it has failed. */
import {
  type DeliveryVerdict,
  errorCode,
  type KafkaError,
  type ProducePartitionResponse,
  type ProduceResponse,
} from "../../../protocol/index.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import { classOfCode, classOfError } from "../../cluster/error-classes.ts";
import type { ErrorClass } from "../../cluster/error-table.ts";
import { leaderHintsOfProduce } from "../../cluster/leader-hints.ts";
import { BrokerError, type Outcome } from "../../errors.ts";
import type { PartitionQueue } from "../accumulator/partition-queue.ts";
import type { ProducerBatch } from "../accumulator/producer-batch.ts";
import { withVerdict } from "../verdict.ts";
import type { SentBatch } from "./produce-exchange.ts";
import { recordErrorsOf } from "./record-errors.ts";
import type { Sender } from "./sender.ts";
import { splitBatch } from "./split-batch.ts";

const NONE = 0;
const CORRUPT_MESSAGE = 2;
const MESSAGE_TOO_LARGE = 10;
const RECORD_LIST_TOO_LARGE = 18;
const CLUSTER_AUTHORIZATION_FAILED = 31;
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const DUPLICATE_SEQUENCE_NUMBER = 46;
const INVALID_PRODUCER_EPOCH = 47;
const UNKNOWN_PRODUCER_ID = 59;
const CONCURRENT_TRANSACTIONS = 51;
const UNKNOWN_SERVER_ERROR = -1;

const SOON_MS = 20;

/** P4: bytes that arrive damaged this often are damaged here, or on a way that damages them all. */
const MOST_CORRUPTIONS = 3;

export class Outcomes {
  readonly #sender: Sender;
  /** Parts of batches that may be in the log as a whole: brokers recognize wholes only. */
  readonly #partsInDoubt = new WeakSet<ProducerBatch>();

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** The new leaders that an answer names (KIP-951), before anything else is made of it. */
  learn(answer: ProduceResponse): void {
    const hints = leaderHintsOfProduce(answer);
    if (hints.leaders.length > 0) this.#sender.parts?.cluster.learnLeaders(hints);
  }

  /** With acks 0: the kernel has it. */
  toldNobody({ partition, batch }: SentBatch): void {
    this.#delivered(partition, batch, -1, -1);
  }

  answered({ partition, batch }: SentBatch, answer: ProducePartitionResponse | undefined, broker: string): void {
    if (answer === undefined) {
      const context = { api: "Produce", topic: batch.topic, partition: batch.partition, broker };
      const error = new BrokerError(UNKNOWN_SERVER_ERROR, context, "the answer does not tell of this partition");
      this.#failed(partition, batch, error, { remedy: "retry", applied: "possibly", why: "P24" });
      return;
    }
    const { errorCode: code, baseOffset, logAppendTimeMs, errorMessage } = answer;
    if (code === NONE) this.#delivered(partition, batch, baseOffset, logAppendTimeMs);
    // P7: it was written before, and the broker no longer knows where.
    else if (code === DUPLICATE_SEQUENCE_NUMBER) this.#delivered(partition, batch, -1, -1);
    else {
      const error = new BrokerError(code, { api: "Produce", topic: batch.topic, partition: batch.partition, broker }, errorMessage);
      this.#failed(partition, batch, error, classOfCode(code, "Produce"), answer);
    }
  }

  /** The request was lost, or its answer. */
  unanswered({ partition, batch }: SentBatch, error: KafkaError, outcome: Outcome): void {
    const found = classOfError(error, "Produce");
    this.#failed(partition, batch, error, { ...found, applied: outcome === "unknown" ? "possibly" : "no" });
  }

  /** For good. */
  fail(
    partition: PartitionQueue,
    batch: ProducerBatch,
    error: KafkaError,
    isPossiblyPersisted: boolean,
    errorOf?: (index: number) => KafkaError,
  ): void {
    if (batch.outcome !== undefined) return;
    const verdict: DeliveryVerdict = isPossiblyPersisted ? "possibly persisted" : "not persisted";
    const own = withVerdict(error, verdict);
    const { transactions, metrics, settlements } = this.#sender;
    const { topic, recordCount: records } = batch;
    const told = transactions?.failed(own, { verdict }) ?? own;
    partition.take(batch);
    if (batch.stamp !== undefined) partition.sequences.broken();
    if (isPossiblyPersisted && transactions !== undefined) partition.sequences.isInDoubt = true;
    metrics.batchFailed({ topic, records });
    settlements.settle(partition, batch, { kind: "failed", errorOf: errorOf ?? ((): KafkaError => told) });
    settlements.free(batch);
  }

  #delivered(partition: PartitionQueue, batch: ProducerBatch, baseOffset: number, logAppendTimeMs: number): void {
    const { settlements, metrics } = this.#sender;
    if (batch.stamp !== undefined) {
      const lastOffset = baseOffset < 0 ? -1 : baseOffset + batch.recordCount - 1;
      partition.sequences.acknowledged(batch.stamp, batch.recordCount, lastOffset);
    }
    partition.take(batch);
    if (batch.outcome === undefined) {
      const latencyMs = this.#sender.now() - batch.createdAtMs;
      metrics.batchDelivered({ topic: batch.topic, records: batch.recordCount, latencyMs });
      settlements.settle(partition, batch, { kind: "delivered", baseOffset, logAppendTimeMs });
    }
    settlements.free(batch);
  }

  #failed(
    partition: PartitionQueue,
    batch: ProducerBatch,
    error: KafkaError,
    found: ErrorClass,
    answer?: ProducePartitionResponse,
  ): void {
    const isAnswer = error instanceof BrokerError && answer !== undefined;
    this.#sender.learnFailure(batch, error, found, isAnswer);
    if (batch.outcome !== undefined) {
      // P17: told of already; what it was given of the sequence is lost now.
      partition.take(batch);
      partition.sequences.broken();
      this.#sender.settlements.free(batch);
      return;
    }
    batch.lastError = error;
    if (isAnswer && this.#splits(partition, batch, error.errorCode)) return;
    if (isAnswer && this.#isSequenceProblem(partition, batch, error, answer)) return;
    if (found.applied === "possibly") batch.isPossiblyPersisted = true;
    if (this.#mayRetry(batch, error, found)) this.#retry(partition, batch);
    else {
      const errorOf = answer === undefined ? undefined : recordErrorsOf(error, answer, batch, batch.isPossiblyPersisted);
      this.fail(partition, batch, error, batch.isPossiblyPersisted, errorOf);
      if (
        error instanceof BrokerError &&
        error.errorCode === CLUSTER_AUTHORIZATION_FAILED &&
        this.#sender.config.enableIdempotence
      ) {
        this.#sender.failForGood(error);
      }
    }
  }

  #mayRetry(batch: ProducerBatch, error: KafkaError, { remedy }: ErrorClass): boolean {
    if (remedy === "fatal" || batch.attempts > this.#sender.config.retries || this.#sender.isClosed) return false;
    if (error instanceof BrokerError && error.errorCode === CORRUPT_MESSAGE) {
      batch.forgetHeader();
      return ++batch.corruptions <= MOST_CORRUPTIONS;
    }
    return this.#sender.now() < batch.dueMs;
  }

  #retry(partition: PartitionQueue, batch: ProducerBatch): void {
    const { metrics, config, random } = this.#sender;
    metrics.batchRetried({ topic: batch.topic, records: batch.recordCount });
    const pauseMs = isSoonOver(batch) ? SOON_MS : backoffMs(batch.attempts, config, random);
    batch.retryAtMs = this.#sender.now() + pauseMs;
    partition.putBack(batch);
    this.#sender.route(partition);
    this.#sender.dueBy(batch.retryAtMs);
  }

  /** P18: not for a batch whose time is over. Java fails what no segment holds (18) as a whole, though its parts would be taken. */
  #splits(partition: PartitionQueue, batch: ProducerBatch, code: number): boolean {
    const isTooLarge = code === MESSAGE_TOO_LARGE || code === RECORD_LIST_TOO_LARGE;
    if (!isTooLarge || batch.recordCount < 2 || this.#sender.now() >= batch.dueMs || this.#sender.isClosed) return false;
    const { metrics, settlements, config } = this.#sender;
    const parts = splitBatch(batch, Math.max(config.batchSize, 1), (maxBytes) => this.#sender.newBatch(partition, batch, maxBytes));
    if (batch.isPossiblyPersisted) for (const part of parts) this.#partsInDoubt.add(part);
    partition.replace(batch, parts);
    settlements.replaced(batch);
    metrics.batchSplit({ topic: batch.topic });
    this.#sender.route(partition);
    return true;
  }

  /** Whether it was one that is dealt with here. In a transaction they are for the transaction to judge. */
  #isSequenceProblem(
    partition: PartitionQueue,
    batch: ProducerBatch,
    error: BrokerError,
    { logStartOffset }: ProducePartitionResponse,
  ): boolean {
    const { stamp } = batch;
    const { errorCode: code } = error;
    if (stamp === undefined) return false;
    if (code === OUT_OF_ORDER_SEQUENCE_NUMBER && !partition.sequences.isNext(stamp)) {
      // Also when the broker has forgotten it behind newer ones.
      const isInDoubt = this.#partsInDoubt.has(batch) || (batch.isPossiblyPersisted && partition.sequences.isBehind(stamp));
      if (isInDoubt && !partition.hasStampedBefore(batch)) {
        this.fail(partition, batch, error, true);
        return true;
      }
      // P8: one before it is missing, so it is not in the log, whatever became of earlier attempts; unless that one may be there.
      if (!partition.sequences.isInDoubt) batch.isPossiblyPersisted = false;
      if (!partition.hasStampedBefore(batch)) partition.sequences.broken();
      if (this.#sender.transactions !== undefined && !partition.hasStampedBefore(batch)) return false;
      this.#again(partition, batch);
      return true;
    }
    const isKnown = code === OUT_OF_ORDER_SEQUENCE_NUMBER || code === INVALID_PRODUCER_EPOCH || code === UNKNOWN_PRODUCER_ID;
    if (this.#sender.transactions !== undefined) {
      return code === UNKNOWN_PRODUCER_ID && this.#countsAnew(partition, batch, logStartOffset);
    }
    if (!isKnown) return false;
    const { topic, partition: index } = batch;
    this.#sender.telemetry.warning(
      "SEQUENCE_GAP",
      `topic '${topic}' partition ${index}: the broker has lost track of this producer (${errorCode(code).name}): records that it had ` +
        "acknowledged may be lost; the producer goes on with a new epoch",
      { topic, partition: index, producerId: String(stamp.producerId), producerEpoch: stamp.producerEpoch, code },
    );
    partition.sequences.broken();
    if (code === INVALID_PRODUCER_EPOCH) this.#sender.producerIds.renew(stamp);
    // A broker that has forgotten the producer cannot tell whether it has the batch: asking it again under the same number is in vain.
    if (code === UNKNOWN_PRODUCER_ID) batch.stamp = undefined;
    // With a new epoch it might be written a second time.
    if (batch.isPossiblyPersisted && code !== UNKNOWN_PRODUCER_ID) this.fail(partition, batch, error, true);
    else this.#again(partition, batch, this.#gapPauseMs(batch));
    return true;
  }

  /** P10: brokers before 2.4 forget a producer with its last record. Nothing is missing then, and the transaction can go on. */
  #countsAnew(partition: PartitionQueue, batch: ProducerBatch, logStartOffset: number): boolean {
    if (this.#sender.transactions?.isLost === true || !partition.sequences.isOutlivedBy(logStartOffset)) return false;
    partition.sequences.forgotten();
    this.#again(partition, batch, this.#gapPauseMs(batch));
    return true;
  }

  #gapPauseMs(batch: ProducerBatch): number {
    return batch.gaps++ === 0 ? 0 : backoffMs(batch.gaps, this.#sender.config, this.#sender.random);
  }

  /** It was not its own fault: no retry is spent. */
  #again(partition: PartitionQueue, batch: ProducerBatch, pauseMs = 0): void {
    const now = this.#sender.now();
    if (now >= batch.dueMs || this.#sender.isClosed) {
      const { lastError } = batch;
      if (lastError !== undefined) this.fail(partition, batch, lastError, batch.isPossiblyPersisted);
      return;
    }
    batch.attempts--;
    batch.retryAtMs = now + pauseMs;
    partition.putBack(batch);
    this.#sender.route(partition);
    if (pauseMs > 0) this.#sender.dueBy(batch.retryAtMs);
  }
}

/** T2: the transaction before it is still being completed, which takes a moment. */
function isSoonOver({ lastError, attempts }: ProducerBatch): boolean {
  return attempts === 1 && lastError instanceof BrokerError && lastError.errorCode === CONCURRENT_TRANSACTIONS;
}
