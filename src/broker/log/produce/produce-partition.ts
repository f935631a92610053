/** One partition of a Produce request: every check in Kafka's order, then the append. */
import type { Draft, ErrorName, ProducePartition, ProducePartitionResponse } from "../../../protocol/index.ts";
import type { Partition } from "../../cluster/partition.ts";
import type { Topic } from "../../cluster/topic.ts";
import { codeOf, NONE } from "../../error-codes.ts";
import type { InjectedFault, RequestContext } from "../../request-context.ts";
import { AppendRefusal } from "../append-refusal.ts";
import { type LeaderHints, servedPartition } from "../served-partition.ts";
import { headerOf, onlyBatch } from "./received-batch.ts";
import type { UnfoldBudget } from "./unfold-budget.ts";

/** What all partitions of the request have in common. */
export interface ProduceOrder {
  readonly acks: number;
  readonly transactionalId: string | null;
  readonly context: RequestContext;
  readonly hints: LeaderHints;
  readonly budget: UnfoldBudget;
}

type PartitionAnswer = Draft<ProducePartitionResponse>;

const UNKNOWN_OFFSET = -1;
const ACKS_ALL = -1;
const VALID_ACKS: readonly number[] = [ACKS_ALL, 0, 1];
const FIRST_VERSION_WITH_BATCHES = 3;
const FIRST_VERSION_WITH_LEADER_HINTS = 10;
const NOT_ADDED = "Partition was not added to the transaction";
/** Java's admin tools may write where nobody else may. */
const ADMIN_CLIENT_ID = "__admin_client";

/** Refusals for which Kafka does not say where the log begins: those that it takes for the client's everyday mistakes. */
const WITHOUT_LOG_START: ReadonlySet<ErrorName> = new Set<ErrorName>([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "NOT_LEADER_OR_FOLLOWER",
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "CORRUPT_MESSAGE",
]);

export function producePartition(asked: ProducePartition, topic: Topic | undefined, order: ProduceOrder): PartitionAnswer {
  const partition = topic?.partition(asked.index);
  const refusal = partition === undefined ? undefined : refusalBeforeAppend(asked, partition, order);
  if (partition === undefined) return refused(asked.index, "UNKNOWN_TOPIC_OR_PARTITION");
  if (refusal !== undefined) return refused(asked.index, refusal, refusal === "INVALID_TXN_STATE" ? NOT_ADDED : null);
  const served = servedPartition(topic, asked.index, order.context.node);
  if (served === "NOT_LEADER_OR_FOLLOWER") return movedAnswer(partition, order);
  const { isr, replicas, log } = partition;
  const minIsr = Math.min(partition.topic.configs.int("min.insync.replicas"), replicas.length);
  if (order.acks === ACKS_ALL && isr.length < minIsr) {
    return { ...refused(asked.index, "NOT_ENOUGH_REPLICAS"), logStartOffset: log.logStartOffset };
  }
  return append(asked, partition, order);
}

/** What a scripted fault answers for a partition. */
export function faultAnswer(index: number, fault: InjectedFault): PartitionAnswer {
  const recordErrors = (fault.recordErrors ?? []).map(({ batchIndex, message }) => ({
    batchIndex,
    batchIndexErrorMessage: message,
  }));
  return { index, errorCode: fault.errorCode, baseOffset: UNKNOWN_OFFSET, recordErrors, errorMessage: fault.message ?? null };
}

export function refused(index: number, error: ErrorName, errorMessage: string | null = null): PartitionAnswer {
  return { index, errorCode: codeOf(error), baseOffset: UNKNOWN_OFFSET, errorMessage };
}

function refusalBeforeAppend(asked: ProducePartition, partition: Partition, order: ProduceOrder): ErrorName | undefined {
  const { context } = order;
  try {
    if (context.version >= FIRST_VERSION_WITH_BATCHES) {
      const unadmitted = admission(onlyBatch(asked.records, context.version), partition, order);
      if (unadmitted !== undefined) return unadmitted;
    }
  } catch (error) {
    if (error instanceof AppendRefusal) return error.errorName;
    throw error;
  }
  if (!VALID_ACKS.includes(order.acks)) return "INVALID_REQUIRED_ACKS";
  if (partition.topic.isInternal && context.clientId !== ADMIN_CLIENT_ID) return "INVALID_TOPIC_EXCEPTION";
  return undefined;
}

/** Asks the coordinator whether a transactional batch belongs to a transaction, once for each transaction in a partition. */
function admission(
  batch: Uint8Array,
  { topic, index, log }: Partition,
  { transactionalId, context }: ProduceOrder,
): ErrorName | undefined {
  if (transactionalId === null) return undefined;
  const { isTransactional, producerId, producerEpoch, baseSequence } = headerOf(batch);
  if (!isTransactional || producerId < 0n || log.hasOpenTransaction(producerId, producerEpoch)) return undefined;
  log.noteTransactionAttempt({ producerId, producerEpoch, baseSequence });
  const { version } = context;
  return context.cluster.transactions.admitProduce({
    transactionalId,
    producerId,
    producerEpoch,
    version,
    topic: topic.name,
    partition: index,
  });
}

function movedAnswer(partition: Partition, { context, hints }: ProduceOrder): PartitionAnswer {
  const answer = refused(partition.index, "NOT_LEADER_OR_FOLLOWER");
  return context.version < FIRST_VERSION_WITH_LEADER_HINTS ? answer : { ...answer, currentLeader: hints.add(partition) };
}

function append({ index, records }: ProducePartition, { log }: Partition, { context, budget }: ProduceOrder): PartitionAnswer {
  try {
    const { baseOffset, logAppendTimeMs } = log.append(records, { produceVersion: context.version, budget });
    return { index, errorCode: NONE, baseOffset, logAppendTimeMs, logStartOffset: log.logStartOffset };
  } catch (error) {
    if (!(error instanceof AppendRefusal)) throw error;
    const { errorName, message, recordErrors, tellsMessage } = error;
    return {
      ...refused(index, errorName, tellsMessage ? message : null),
      logStartOffset: WITHOUT_LOG_START.has(errorName) ? UNKNOWN_OFFSET : log.logStartOffset,
      recordErrors: recordErrors.map((record) => ({ batchIndex: record.batchIndex, batchIndexErrorMessage: record.message })),
    };
  }
}
