import {
  type ErrorName,
  InitProducerId,
  type InitProducerIdRequest,
  NEW_PRODUCER_EPOCH,
  NEW_PRODUCER_ID,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";
import type { ExpectedProducer } from "../transactions/init-rules.ts";
import { NO_TIMEOUT, type ProducerIdAndEpoch } from "../transactions/transaction-metadata.ts";

export const handler: Handler = defineHandler(InitProducerId, {
  answer(request, context) {
    const outcome = initialized(request, context);
    if (typeof outcome !== "string") return outcome;
    // Older clients do not know the error of their own (KIP-588).
    const error = outcome === "PRODUCER_FENCED" && context.version < 4 ? "INVALID_PRODUCER_EPOCH" : outcome;
    return { errorCode: codeOf(error), producerId: NEW_PRODUCER_ID, producerEpoch: NEW_PRODUCER_EPOCH };
  },
  refuse: (_request, errorCode) => ({ errorCode, producerId: NEW_PRODUCER_ID, producerEpoch: NEW_PRODUCER_EPOCH }),
});

function initialized(request: InitProducerIdRequest, context: RequestContext): ProducerIdAndEpoch | ErrorName {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch, enable2Pc, keepPreparedTxn } = request;
  const { cluster, node } = context;
  if ((producerId === NEW_PRODUCER_ID) !== (producerEpoch === NEW_PRODUCER_EPOCH)) return "INVALID_REQUEST";
  if (transactionalId === null) return { producerId: cluster.producerIds.next(), producerEpoch: 0 };
  if (transactionalId === "") return "INVALID_REQUEST";
  if (enable2Pc && !cluster.configs.boolean("transaction.two.phase.commit.enable")) return "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";
  // No release can do this so far, though the request has a place for it.
  if (keepPreparedTxn) return "UNSUPPORTED_VERSION";
  const isTooLong = transactionTimeoutMs > cluster.configs.int("transaction.max.timeout.ms");
  if (!enable2Pc && (transactionTimeoutMs <= 0 || isTooLong)) return "INVALID_TRANSACTION_TIMEOUT";
  const refusal = cluster.coordinators.refusal("transaction", transactionalId, node);
  if (refusal !== undefined) return refusal;
  const expected: ExpectedProducer = producerId === NEW_PRODUCER_ID ? undefined : { producerId, producerEpoch };
  return cluster.transactions.initProducerId(transactionalId, enable2Pc ? NO_TIMEOUT : transactionTimeoutMs, expected);
}
