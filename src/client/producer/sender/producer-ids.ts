/** The producer ids of an idempotent producer, which brokers give out, and their epochs, which we count ourselves (KIP-360). */
import { InitProducerId } from "../../../protocol/index.ts";
import type { CallContext, CallOptions } from "../../client-core.ts";
import { BrokerError } from "../../errors.ts";
import type { ProducerIdentity } from "../producer-identity.ts";

export interface ProducerIdsInit {
  readonly call: <T>(what: string, options: CallOptions, work: (context: CallContext) => Promise<T>) => Promise<T>;
  /** There is an id now. */
  readonly onIdentity: () => void;
  /** There will be none. */
  readonly onFailure: (error: Error) => void;
}

/** An int16. */
const LAST_EPOCH = 0x7fff;
/** The coordinator aborts nothing of a producer without transactions. */
const NO_TRANSACTION_TIMEOUT = 0x7fff_ffff;
const NONE = -1;

export class ProducerIds {
  readonly #init: ProducerIdsInit;
  #current: ProducerIdentity | undefined;
  #isAsking = false;

  constructor(init: ProducerIdsInit) {
    this.#init = init;
  }

  /** Undefined while it is being asked for: `onIdentity` follows. */
  current(): ProducerIdentity | undefined {
    if (this.#current === undefined) void this.#ask();
    return this.#current;
  }

  /** What a partition goes on with that can count no further: the next epoch, or another id (P29). Undefined as with `current`. */
  after(identity: ProducerIdentity): ProducerIdentity | undefined {
    const current = this.current();
    if (current === undefined || current.producerId !== identity.producerId) return current;
    const { producerId, producerEpoch } = identity;
    if (producerEpoch < LAST_EPOCH) return { producerId, producerEpoch: producerEpoch + 1 };
    this.renew(identity);
    return undefined;
  }

  /** Brokers do not take that id any more (P11). */
  renew({ producerId }: ProducerIdentity): void {
    if (this.#current?.producerId !== producerId) return;
    this.#current = undefined;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      // Until there is one, or the client is closed: what waits for it has deadlines of its own.
      this.#current = await this.#init.call("InitProducerId", { timeoutMs: LONGEST_MS }, initProducerId);
      this.#isAsking = false;
      this.#init.onIdentity();
    } catch (error) {
      this.#isAsking = false;
      this.#init.onFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

const LONGEST_MS = Number.MAX_SAFE_INTEGER;

async function initProducerId({ cluster, deadline }: CallContext): Promise<ProducerIdentity> {
  const body = {
    transactionalId: null,
    transactionTimeoutMs: NO_TRANSACTION_TIMEOUT,
    producerId: BigInt(NONE),
    producerEpoch: NONE,
  };
  const answer = await cluster.ask(InitProducerId, body, { kind: "any" }, { deadline, errorsIn: ({ errorCode }) => [errorCode] });
  const { errorCode, producerId, producerEpoch } = answer.body;
  if (errorCode !== 0) throw new BrokerError(errorCode, { api: "InitProducerId" });
  return { producerId, producerEpoch };
}
