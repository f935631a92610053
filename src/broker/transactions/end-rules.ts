/** What EndTxn comes to, by the transaction version of the producer, the state, and what is asked. */
import type { ErrorName } from "../../protocol/index.ts";
import { LAST_VISIBLE_EPOCH, type ProducerIdAndEpoch, type TransactionMetadata } from "./transaction-metadata.ts";
import type { TransactionState } from "./transaction-state.ts";

/** `end`: take the decision; `ended`: it was taken by the same request before, so say so again; else the error. */
type EndRule = "end" | "ended" | ErrorName;

interface ByDecision<Rule> {
  readonly commit: Rule;
  readonly abort: Rule;
}

/** Version 0 and 1: the epoch is always the current one, so only the state tells a repetition from a new request. */
const END_RULES_V1: Readonly<Record<TransactionState, ByDecision<EndRule>>> = {
  Empty: { commit: "INVALID_TXN_STATE", abort: "INVALID_TXN_STATE" },
  Ongoing: { commit: "end", abort: "end" },
  PrepareCommit: { commit: "CONCURRENT_TRANSACTIONS", abort: "CONCURRENT_TRANSACTIONS" },
  PrepareAbort: { commit: "CONCURRENT_TRANSACTIONS", abort: "CONCURRENT_TRANSACTIONS" },
  CompleteCommit: { commit: "ended", abort: "INVALID_TXN_STATE" },
  CompleteAbort: { commit: "INVALID_TXN_STATE", abort: "ended" },
  PrepareEpochFence: { commit: "CONCURRENT_TRANSACTIONS", abort: "CONCURRENT_TRANSACTIONS" },
  Dead: { commit: "INVALID_PRODUCER_ID_MAPPING", abort: "INVALID_PRODUCER_ID_MAPPING" },
};

/** With the current epoch it is a new request, with the one before it a repetition. */
interface ByEpoch {
  readonly current: EndRule;
  readonly repeated: EndRule;
}

const both = (rule: EndRule): ByDecision<ByEpoch> => ({
  commit: { current: rule, repeated: rule },
  abort: { current: rule, repeated: rule },
});

/** Version 2: every end takes an epoch. Aborting nothing is allowed: the producer need not know whether anything arrived. */
const END_RULES_V2: Readonly<Record<TransactionState, ByDecision<ByEpoch>>> = {
  Empty: {
    commit: { current: "INVALID_TXN_STATE", repeated: "PRODUCER_FENCED" },
    abort: { current: "end", repeated: "PRODUCER_FENCED" },
  },
  Ongoing: {
    commit: { current: "end", repeated: "PRODUCER_FENCED" },
    abort: { current: "end", repeated: "PRODUCER_FENCED" },
  },
  PrepareCommit: both("CONCURRENT_TRANSACTIONS"),
  PrepareAbort: both("CONCURRENT_TRANSACTIONS"),
  CompleteCommit: {
    commit: { current: "INVALID_TXN_STATE", repeated: "ended" },
    abort: { current: "end", repeated: "INVALID_TXN_STATE" },
  },
  CompleteAbort: {
    commit: { current: "INVALID_TXN_STATE", repeated: "INVALID_TXN_STATE" },
    abort: { current: "end", repeated: "ended" },
  },
  PrepareEpochFence: both("CONCURRENT_TRANSACTIONS"),
  Dead: both("INVALID_PRODUCER_ID_MAPPING"),
};

interface EndRequest extends ProducerIdAndEpoch {
  readonly committed: boolean;
}

export function endRuleV1(transaction: TransactionMetadata, { producerId, producerEpoch, committed }: EndRequest): EndRule {
  if (producerId !== transaction.producerId) return "INVALID_PRODUCER_ID_MAPPING";
  if (producerEpoch !== transaction.producerEpoch) return "PRODUCER_FENCED";
  return END_RULES_V1[transaction.state][committed ? "commit" : "abort"];
}

export function endRuleV2(transaction: TransactionMetadata, request: EndRequest): EndRule {
  const { producerId, producerEpoch, committed } = request;
  const rules = END_RULES_V2[transaction.state][committed ? "commit" : "abort"];
  // Before the epochs are looked at: while markers are written it has already gone up.
  if (rules.current === "CONCURRENT_TRANSACTIONS") return rules.current;
  if (isRepeatedWithOldId(transaction, request)) return rules.repeated;
  if (producerId !== transaction.producerId) return "INVALID_PRODUCER_ID_MAPPING";
  if (producerEpoch === transaction.producerEpoch) return rules.current;
  return producerEpoch === transaction.producerEpoch - 1 ? rules.repeated : "PRODUCER_FENCED";
}

/** Ending the transaction took the id's last epoch, and the answer with the new id was lost. */
function isRepeatedWithOldId(transaction: TransactionMetadata, { producerId, producerEpoch }: EndRequest): boolean {
  return producerId === transaction.prevProducerId && transaction.producerEpoch === 0 && producerEpoch === LAST_VISIBLE_EPOCH;
}
