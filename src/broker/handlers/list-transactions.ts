import { ANY_TRANSACTION_DURATION, type ErrorName, ListTransactions, type ListTransactionsRequest } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";
import type { TransactionMetadata } from "../transactions/transaction-metadata.ts";
import { isTransactionState } from "../transactions/transaction-state.ts";
import { transactionalIdPattern } from "../transactions/transactional-id-pattern.ts";

export const handler: Handler = defineHandler(ListTransactions, {
  answer(request, context) {
    const coordinated = coordinatedBy(context);
    if (typeof coordinated === "string") return { errorCode: codeOf(coordinated) };
    const passes = filterOf(request, context.cluster.clock.now());
    if (passes === undefined) return { errorCode: codeOf("INVALID_REGULAR_EXPRESSION") };
    return {
      errorCode: NONE,
      unknownStateFilters: [...new Set(request.stateFilters)].filter((name) => !isTransactionState(name)),
      transactionStates: coordinated.filter(passes).map(({ transactionalId, producerId, state }) => ({
        transactionalId,
        producerId,
        transactionState: state,
      })),
    };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

/** What this node can speak for; an error while it is still reading any of it. */
function coordinatedBy({ cluster, node }: RequestContext): readonly TransactionMetadata[] | ErrorName {
  const coordinated: TransactionMetadata[] = [];
  for (const transaction of cluster.transactions) {
    const refusal = cluster.coordinators.refusal("transaction", transaction.transactionalId, node);
    if (refusal === "COORDINATOR_LOAD_IN_PROGRESS") return refusal;
    if (refusal === undefined) coordinated.push(transaction);
  }
  return coordinated;
}

/** Whether a transaction passes all filters; undefined when the pattern is none. */
function filterOf(request: ListTransactionsRequest, nowMs: number): ((transaction: TransactionMetadata) => boolean) | undefined {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern: pattern } = request;
  const states = new Set(stateFilters);
  const producerIds = new Set(producerIdFilters);
  const matches = pattern === null || pattern === "" ? () => true : transactionalIdPattern(pattern);
  if (matches === undefined) return undefined;
  return ({ transactionalId, producerId, state, startMs }) =>
    (producerIds.size === 0 || producerIds.has(producerId)) &&
    (states.size === 0 || states.has(state)) &&
    // One that never began has the start time -1 and so, in Kafka as here, the longest duration of all.
    (durationFilter <= ANY_TRANSACTION_DURATION || nowMs - startMs > durationFilter) &&
    matches(transactionalId);
}
