import { AddOffsetsToTxn } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";

export const handler: Handler = defineHandler(AddOffsetsToTxn, {
  answer(request, context) {
    const { coordinators, transactions } = context.cluster;
    const error = coordinators.refusal("transaction", request.transactionalId, context.node) ?? transactions.addGroup(request);
    if (error === undefined) return { errorCode: NONE };
    // Older clients do not know the error of their own (KIP-588).
    const known = error === "PRODUCER_FENCED" && context.version < 2 ? "INVALID_PRODUCER_EPOCH" : error;
    return { errorCode: codeOf(known) };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});
