import { EndTxn } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";

export const handler: Handler = defineHandler(EndTxn, {
  answer(request, context) {
    const { coordinators, transactions } = context.cluster;
    // Whoever sends v5 adopts the epoch in the answer: transaction version 2 (KIP-890).
    const bumpsEpoch = context.version >= 5;
    const refusal = coordinators.refusal("transaction", request.transactionalId, context.node);
    const outcome = refusal ?? transactions.end({ ...request, bumpsEpoch });
    if (typeof outcome !== "string") return { errorCode: NONE, ...(bumpsEpoch && outcome) };
    // Older clients do not know the error of their own (KIP-588).
    const known = outcome === "PRODUCER_FENCED" && context.version < 2 ? "INVALID_PRODUCER_EPOCH" : outcome;
    return { errorCode: codeOf(known) };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});
