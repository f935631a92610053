import { type DescribedTransaction, DescribeTransactions, type Draft } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(DescribeTransactions, {
  answer: (request, context) => ({
    transactionStates: request.transactionalIds.map((transactionalId) => described(transactionalId, context)),
  }),
  refuse: (request, errorCode) => ({
    transactionStates: request.transactionalIds.map((transactionalId) => ({ transactionalId, errorCode })),
  }),
});

function described(transactionalId: string, { cluster, node }: RequestContext): Draft<DescribedTransaction> {
  if (transactionalId === "") return { transactionalId, errorCode: codeOf("INVALID_REQUEST") };
  const refusal = cluster.coordinators.refusal("transaction", transactionalId, node);
  if (refusal !== undefined) return { transactionalId, errorCode: codeOf(refusal) };
  const transaction = cluster.transactions.get(transactionalId);
  if (transaction === undefined) return { transactionalId, errorCode: codeOf("TRANSACTIONAL_ID_NOT_FOUND") };
  return {
    errorCode: NONE,
    transactionalId,
    transactionState: transaction.state,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startMs,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: Array.from(transaction.partitions.topics, ([topic, partitions]) => ({ topic, partitions: [...partitions] })),
  };
}
