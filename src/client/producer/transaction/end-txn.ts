import { EndTxn, errorByName } from "../../../protocol/index.ts";
import type { ClusterBroker } from "../../cluster/metadata-snapshot.ts";
import { BrokerError } from "../../errors.ts";
import type { ProducerIdentity } from "../producer-identity.ts";
import { askCoordinator } from "./coordinator-call.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import type { TransactionCall } from "./transaction-call.ts";
import type { RegisteredProducer } from "./transaction-state.ts";
import { FIRST_END_TXN_OF_V2 } from "./transaction-version.ts";

export interface EndedTransaction {
  /** What to go on with: version 2 gives a new epoch with every end, and a new id when the epochs are used up. */
  readonly identity: ProducerIdentity;
  readonly coordinator: ClusterBroker;
}

const UNKNOWN_SERVER_ERROR = errorByName("UNKNOWN_SERVER_ERROR").code;

/** Has the coordinator commit or abort. Asked again until it is known: the same request twice is the same as once. */
export async function endTxn(
  call: TransactionCall,
  { identity, version }: RegisteredProducer,
  transaction: OpenTransaction,
  committed: boolean,
): Promise<EndedTransaction> {
  const { transactionalId, context, settings } = call;
  const isV2 = version === 2;
  const { body, broker } = await askCoordinator(context, settings, {
    api: EndTxn,
    name: "EndTxn",
    type: "transaction",
    key: transactionalId,
    limits: isV2 ? { atLeast: FIRST_END_TXN_OF_V2 } : { atMost: FIRST_END_TXN_OF_V2 - 1 },
    body: () => ({ transactionalId, ...identity, committed }),
    codes: ({ errorCode }) => [errorCode],
    problem: (answer) => {
      const { errorCode } = answer.body;
      const about = { api: "EndTxn", transactionalId, resource: committed ? "commit" : "abort" };
      if (errorCode !== 0) return new BrokerError(errorCode, about);
      const isComplete = !isV2 || (answer.body.producerId >= 0n && answer.body.producerEpoch >= 0);
      return isComplete ? undefined : new BrokerError(UNKNOWN_SERVER_ERROR, about, "the answer has no producer id");
    },
    // T10: with the same epoch it could end the next transaction as well.
    onStray: () => transaction.requireEpoch(),
  });
  const next = isV2 ? { producerId: body.producerId, producerEpoch: body.producerEpoch } : identity;
  return { identity: next, coordinator: broker };
}
