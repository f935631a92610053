import { type ErrorName, isSince } from "../../protocol/index.ts";
import type { Timer } from "../clock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { NO_LEADER } from "../cluster/partition.ts";
import { CONSUMER_OFFSETS } from "../cluster/topics.ts";
import {
  errorForProduce,
  errorForProducer,
  FIRST_RELEASE_THAT_VERIFIES_OFFSETS,
  type ProducerUnderstanding,
  refusalOfOlderEpoch,
  refusalToAdd,
  refusalToVerify,
  understandingOfProduce,
  understandingOfTxnOffsetCommit,
} from "./admission-rules.ts";
import { endRuleV1, endRuleV2 } from "./end-rules.ts";
import { type ExpectedProducer, initProducerId } from "./init-rules.ts";
import { MarkerWriter } from "./marker-writer.ts";
import { Sweep } from "./sweep.ts";
import {
  EPOCH_BUMP_VERSION,
  isEpochExhausted,
  NO_PRODUCER_ID,
  NO_TIMEOUT,
  type ProducerIdAndEpoch,
  TransactionMetadata,
} from "./transaction-metadata.ts";
import type { TopicPartition } from "./transaction-partitions.ts";
import { isIdle } from "./transaction-state.ts";

/** Who asks: a producer with its transactional id. */
interface TransactionalProducer extends ProducerIdAndEpoch {
  readonly transactionalId: string;
}

interface ProduceInTransaction extends TransactionalProducer, TopicPartition {
  /** Of the Produce request. */
  readonly version: number;
}

interface OffsetsInTransaction extends TransactionalProducer {
  readonly groupId: string;
}

interface EndTransaction extends TransactionalProducer {
  readonly committed: boolean;
  /** Transaction version 2 (EndTxn v5): the end takes an epoch. */
  readonly bumpsEpoch: boolean;
}

type InitializedProducer = ProducerIdAndEpoch | ErrorName;

/**
 * The transaction coordinators of all nodes: the state of every transactional id, and its rules. Whether the node that was asked
 * coordinates the id is asked elsewhere (`cluster.coordinators`).
 */
export class Transactions {
  /** How long after a decision the markers are written. Until then the next transaction has to wait. */
  markerDelayMs = 0;
  readonly #cluster: Cluster;
  readonly #byId = new Map<string, TransactionMetadata>();
  readonly #markers: MarkerWriter;
  readonly #timeouts: Sweep;
  readonly #expirations: Sweep;
  readonly #markerTimers = new Set<Timer>();
  #isClosed = false;

  constructor(cluster: Cluster) {
    const { clock, configs } = cluster;
    this.#cluster = cluster;
    this.#markers = new MarkerWriter(cluster, (transaction) => transaction.complete(clock.now()));
    this.#timeouts = new Sweep(clock, {
      intervalMs: () => configs.int("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
      run: () => this.#abortTimedOut(),
    });
    this.#expirations = new Sweep(clock, {
      intervalMs: () => configs.int("transaction.remove.expired.transaction.cleanup.interval.ms"),
      run: () => this.#removeExpired(),
    });
  }

  get(transactionalId: string): TransactionMetadata | undefined {
    return this.#byId.get(transactionalId);
  }

  /** In the order in which the transactional ids were first used. */
  [Symbol.iterator](): IterableIterator<TransactionMetadata> {
    return this.#byId.values();
  }

  /**
   * Gives a producer its id and epoch. What an earlier producer left open is aborted first: the answer is CONCURRENT_TRANSACTIONS
   * until that is done.
   */
  initProducerId(transactionalId: string, timeoutMs: number, expected: ExpectedProducer): InitializedProducer {
    const nowMs = this.#cluster.clock.now();
    const transaction = this.#byId.get(transactionalId) ?? this.#create(transactionalId, timeoutMs, nowMs);
    const outcome = initProducerId(transaction, {
      timeoutMs,
      expected,
      nowMs,
      nextProducerId: () => this.#cluster.producerIds.next(),
    });
    if (outcome === "fence") {
      this.#fence(transaction);
      return "CONCURRENT_TRANSACTIONS";
    }
    return outcome ?? { producerId: transaction.producerId, producerEpoch: transaction.producerEpoch };
  }

  /** All of them or, with an error, none. */
  addPartitions(producer: TransactionalProducer, partitions: readonly TopicPartition[]): ErrorName | undefined {
    if (producer.transactionalId === "") return "INVALID_REQUEST";
    const transaction = this.#byId.get(producer.transactionalId);
    const error = refusalToAdd(transaction, producer);
    if (error !== undefined || transaction === undefined) return error;
    if (transaction.state === "Ongoing" && partitions.every((partition) => transaction.partitions.has(partition))) return undefined;
    transaction.addPartitions(partitions, this.#cluster.clock.now());
    this.#timeouts.arm(timedOutAt(transaction));
    return undefined;
  }

  /** Whether the partition belongs to the producer's transaction already. */
  verifyPartition(producer: TransactionalProducer, partition: TopicPartition): ErrorName | undefined {
    if (producer.transactionalId === "") return "INVALID_REQUEST";
    return refusalToVerify(this.#byId.get(producer.transactionalId), producer, partition);
  }

  /** The group's partition of `__consumer_offsets` becomes part of the transaction. */
  addGroup({ groupId, ...producer }: OffsetsInTransaction): ErrorName | undefined {
    return this.addPartitions(producer, [this.#partitionOfGroup(groupId)]);
  }

  /** Whether a batch may be appended; asked by the partition's leader before the first batch of a transaction. */
  admitProduce({ topic, partition, version, ...producer }: ProduceInTransaction): ErrorName | undefined {
    const understanding = understandingOfProduce(version);
    if (!this.#asks(understanding)) return undefined;
    const error = this.#admit(producer, { topic, partition }, understanding);
    return error === undefined ? undefined : errorForProduce(error, understanding);
  }

  /** Whether offsets may be staged in the transaction; called by the group's coordinator, with the version of TxnOffsetCommit. */
  admitOffsets({ groupId, version, ...producer }: OffsetsInTransaction & { readonly version: number }): ErrorName | undefined {
    const understanding = understandingOfTxnOffsetCommit(version);
    const isAsked = this.#asks(understanding) && isSince(this.#cluster.release, FIRST_RELEASE_THAT_VERIFIES_OFFSETS);
    const error = isAsked
      ? this.#admit(producer, this.#partitionOfGroup(groupId), understanding)
      : refusalOfOlderEpoch(this.#byId.get(producer.transactionalId), producer);
    return error === undefined ? undefined : errorForProducer(error, understanding);
  }

  /** Commits or aborts. The answer comes with the decision; the markers are written after it. */
  end({ bumpsEpoch, ...request }: EndTransaction): InitializedProducer {
    if (request.transactionalId === "") return "INVALID_REQUEST";
    const transaction = this.#byId.get(request.transactionalId);
    if (transaction === undefined) return "INVALID_PRODUCER_ID_MAPPING";
    const rule = (bumpsEpoch ? endRuleV2 : endRuleV1)(transaction, request);
    if (rule === "end") {
      const { committed } = request;
      transaction.end({
        committed,
        bumpsEpoch,
        nextProducerId: this.#successor(transaction, bumpsEpoch),
        nowMs: this.#cluster.clock.now(),
      });
      this.#scheduleMarkers(transaction);
    } else if (rule !== "ended") {
      return rule;
    }
    return transaction.next;
  }

  close(): void {
    this.#isClosed = true;
    this.#markers.close();
    this.#timeouts.close();
    this.#expirations.close();
    for (const timer of this.#markerTimers) timer.cancel();
  }

  #create(transactionalId: string, timeoutMs: number, nowMs: number): TransactionMetadata {
    const transaction = new TransactionMetadata({
      transactionalId,
      producerId: this.#cluster.producerIds.next(),
      timeoutMs,
      nowMs,
    });
    this.#byId.set(transactionalId, transaction);
    this.#expirations.arm(this.#expiresAt(transaction));
    return transaction;
  }

  /** Whether those who lead partitions ask the coordinator at all. */
  #asks({ addsPartitions }: ProducerUnderstanding): boolean {
    return addsPartitions || this.#cluster.configs.boolean("transaction.partition.verification.enable");
  }

  #admit(producer: TransactionalProducer, partition: TopicPartition, understanding: ProducerUnderstanding): ErrorName | undefined {
    const unreachable = this.#unreachable(producer.transactionalId);
    if (unreachable !== undefined) return unreachable;
    return understanding.addsPartitions ? this.addPartitions(producer, [partition]) : this.verifyPartition(producer, partition);
  }

  /** Why no coordinator can be asked now. */
  #unreachable(transactionalId: string): ErrorName | undefined {
    const { coordinators } = this.#cluster;
    const partition = coordinators.partitionOf("transaction", transactionalId);
    if (partition.leaderId === NO_LEADER) return "COORDINATOR_NOT_AVAILABLE";
    return coordinators.isLoading(partition) ? "COORDINATOR_LOAD_IN_PROGRESS" : undefined;
  }

  #partitionOfGroup(groupId: string): TopicPartition {
    return { topic: CONSUMER_OFFSETS, partition: this.#cluster.coordinators.partitionOf("group", groupId).index };
  }

  /** The id to go on with, where the end of the transaction takes the last epoch of this one. */
  #successor(transaction: TransactionMetadata, bumpsEpoch: boolean): bigint {
    return bumpsEpoch && isEpochExhausted(transaction.producerEpoch) ? this.#cluster.producerIds.next() : NO_PRODUCER_ID;
  }

  /** Aborts for somebody else's sake. The producer's own version does not matter then, only the cluster's. */
  #fence(transaction: TransactionMetadata): void {
    const bumpsEpoch = this.#cluster.features.level("transaction.version") >= EPOCH_BUMP_VERSION;
    transaction.fence({ bumpsEpoch, nextProducerId: this.#successor(transaction, bumpsEpoch), nowMs: this.#cluster.clock.now() });
    this.#scheduleMarkers(transaction);
  }

  #scheduleMarkers(transaction: TransactionMetadata): void {
    const write = () => {
      if (!this.#isClosed) this.#markers.write(transaction);
    };
    if (this.markerDelayMs <= 0) {
      // After the answer has been made, and before time goes on.
      queueMicrotask(write);
      return;
    }
    const timer = this.#cluster.clock.schedule(this.markerDelayMs, () => {
      this.#markerTimers.delete(timer);
      write();
    });
    this.#markerTimers.add(timer);
  }

  #abortTimedOut(): number | undefined {
    const nowMs = this.#cluster.clock.now();
    for (const transaction of this.#byId.values()) {
      if (timedOutAt(transaction) > nowMs || this.#unreachable(transaction.transactionalId) !== undefined) continue;
      this.#fence(transaction);
    }
    return earliest(this.#byId.values(), timedOutAt);
  }

  #removeExpired(): number | undefined {
    const nowMs = this.#cluster.clock.now();
    for (const transaction of this.#byId.values()) {
      if (!isIdle(transaction.state) || this.#expiresAt(transaction) > nowMs) continue;
      transaction.expire(nowMs);
      this.#byId.delete(transaction.transactionalId);
    }
    return earliest(this.#byId.values(), (transaction) => this.#expiresAt(transaction));
  }

  #expiresAt({ lastUpdateMs }: TransactionMetadata): number {
    return lastUpdateMs + this.#cluster.configs.int("transactional.id.expiration.ms");
  }
}

/** From when on an open transaction is too old. */
function timedOutAt({ state, startMs, timeoutMs }: TransactionMetadata): number {
  return state === "Ongoing" && timeoutMs !== NO_TIMEOUT ? startMs + timeoutMs + 1 : Number.POSITIVE_INFINITY;
}

function earliest(
  transactions: Iterable<TransactionMetadata>,
  timeOf: (transaction: TransactionMetadata) => number,
): number | undefined {
  let first = Number.POSITIVE_INFINITY;
  for (const transaction of transactions) first = Math.min(first, timeOf(transaction));
  return first === Number.POSITIVE_INFINITY ? undefined : first;
}
