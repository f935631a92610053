import { errorByName, InitProducerId, NEW_PRODUCER_EPOCH, NEW_PRODUCER_ID } from "../../../protocol/index.ts";
import { BrokerError } from "../../errors.ts";
import type { ProducerIdentity } from "../producer-identity.ts";
import { askCoordinator } from "./coordinator-call.ts";
import type { TransactionCall } from "./transaction-call.ts";
import type { RegisteredProducer } from "./transaction-state.ts";
import { canTakeEpoch, transactionVersion, WITH_EPOCH } from "./transaction-version.ts";

export interface InitOptions {
  /** After how long the coordinator aborts a transaction by itself. */
  readonly transactionTimeoutMs: number;
  /** What the producer has, and wants a new epoch for (KIP-360); left out when it starts, which fences whoever had the id before. */
  readonly holding?: ProducerIdentity;
}

const UNKNOWN_SERVER_ERROR = errorByName("UNKNOWN_SERVER_ERROR").code;

/** Gets an id and an epoch from the coordinator; an older transaction that is still open is aborted by that. */
export async function initProducerId(call: TransactionCall, options: InitOptions): Promise<RegisteredProducer> {
  const { transactionalId, context, settings } = call;
  const { transactionTimeoutMs, holding } = options;
  const { producerId, producerEpoch } = holding ?? { producerId: NEW_PRODUCER_ID, producerEpoch: NEW_PRODUCER_EPOCH };
  const { body, version, broker } = await askCoordinator(context, settings, {
    api: InitProducerId,
    name: "InitProducerId",
    type: "transaction",
    key: transactionalId,
    body: () => ({ transactionalId, transactionTimeoutMs, producerId, producerEpoch }),
    codes: ({ errorCode }) => [errorCode],
    problem: (answer) => {
      const { errorCode } = answer.body;
      const about = { api: "InitProducerId", transactionalId };
      if (errorCode !== 0) return new BrokerError(errorCode, about);
      const isComplete = answer.body.producerId >= 0n && answer.body.producerEpoch >= 0;
      return isComplete ? undefined : new BrokerError(UNKNOWN_SERVER_ERROR, about, "the answer has no producer id");
    },
    // One that comes late finds its epoch outdated, or has it again (KIP-360).
    onStray: () => undefined,
    ...(holding && { limits: WITH_EPOCH }),
  });
  return {
    identity: { producerId: body.producerId, producerEpoch: body.producerEpoch },
    version: transactionVersion(context.pool, broker) ?? 1,
    canTakeEpoch: canTakeEpoch(version),
  };
}
