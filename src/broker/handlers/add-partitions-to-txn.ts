import {
  AddPartitionsToTxn,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResult,
  type AddPartitionsToTxnTopic,
  type AddPartitionsToTxnTransaction,
  type Draft,
  type ErrorName,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { InjectedFault, RequestContext } from "../request-context.ts";
import type { TopicPartition } from "../transactions/transaction-partitions.ts";

export const handler: Handler = defineHandler(AddPartitionsToTxn, {
  faultScope: "partition",
  answer(request, context) {
    return inVersion(
      context.version,
      transactionsOf(request, context.version).map((transaction) => added(transaction, context)),
    );
  },
  refuse(request, errorCode, { version }) {
    const results = transactionsOf(request, version).map(({ transactionalId, topics }) =>
      answerFor(transactionalId, topics, () => errorCode),
    );
    return { ...(version >= 4 && { errorCode }), ...inVersion(version, version >= 4 ? [] : results) };
  },
});

/** Up to v3 the request is one transaction. */
function transactionsOf(request: AddPartitionsToTxnRequest, version: number): readonly AddPartitionsToTxnTransaction[] {
  if (version >= 4) return request.transactions;
  return [
    {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
      verifyOnly: false,
      topics: request.v3AndBelowTopics,
    },
  ];
}

function inVersion(version: number, results: readonly Draft<AddPartitionsToTxnResult>[]) {
  return version >= 4 ? { resultsByTransaction: results } : { resultsByTopicV3AndBelow: results[0]?.topicResults ?? [] };
}

function added(transaction: AddPartitionsToTxnTransaction, context: RequestContext): Draft<AddPartitionsToTxnResult> {
  const { transactionalId, topics } = transaction;
  const partitions = topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ topic: name, partition })));
  const checked = new Map(partitions.map((partition) => [keyOf(partition), check(partition, context)]));
  const codeFor = [...checked.values()].some(({ stops }) => stops) ? codeOfStopped : outcomeOf(transaction, partitions, context);
  return answerFor(transactionalId, topics, (topic, partition) => {
    const item = checked.get(keyOf({ topic, partition }))!;
    return item.fault?.errorCode ?? codeFor({ topic, partition }, item);
  });
}

interface Checked {
  readonly fault: InjectedFault | undefined;
  readonly exists: boolean;
  /** One partition that cannot be added keeps the others of the transaction from being added, too. */
  readonly stops: boolean;
}

function check({ topic, partition }: TopicPartition, context: RequestContext): Checked {
  const fault = context.faultAt(topic, partition);
  const exists = context.cluster.topics.get(topic)?.partition(partition) !== undefined;
  return { fault, exists, stops: !exists || (fault !== undefined && !fault.afterApply) };
}

function codeOfStopped(_partition: TopicPartition, { exists }: Checked): number {
  return codeOf(exists ? "OPERATION_NOT_ATTEMPTED" : "UNKNOWN_TOPIC_OR_PARTITION");
}

/** Adds the partitions, or asks whether they belong to the transaction. */
function outcomeOf(
  transaction: AddPartitionsToTxnTransaction,
  partitions: readonly TopicPartition[],
  { cluster, node, version }: RequestContext,
): (partition: TopicPartition) => number {
  const refusal = cluster.coordinators.refusal("transaction", transaction.transactionalId, node);
  const error = refusal ?? (transaction.verifyOnly ? undefined : cluster.transactions.addPartitions(transaction, partitions));
  if (error !== undefined || !transaction.verifyOnly) return () => codeInVersion(error, version);
  return (partition) => codeInVersion(cluster.transactions.verifyPartition(transaction, partition), version);
}

/** Older clients do not know the error of their own (KIP-588). */
function codeInVersion(error: ErrorName | undefined, version: number): number {
  if (error === undefined) return NONE;
  return codeOf(error === "PRODUCER_FENCED" && version < 2 ? "INVALID_PRODUCER_EPOCH" : error);
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

function answerFor(
  transactionalId: string,
  topics: readonly AddPartitionsToTxnTopic[],
  codeFor: (topic: string, partition: number) => number,
): Draft<AddPartitionsToTxnResult> {
  return {
    transactionalId,
    topicResults: topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: codeFor(name, partitionIndex),
      })),
    })),
  };
}
