import type { CallContext } from "../../client-core.ts";
import { addPartitions } from "./add-partitions.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import type { TransactionCall } from "./transaction-call.ts";
import type { RegisteredProducer } from "./transaction-state.ts";

export interface PartitionAdderInit {
  readonly call: (work: (context: CallContext) => Promise<void>) => Promise<void>;
  readonly with: (context: CallContext) => TransactionCall;
  readonly onAdded: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** Version 1: adds partitions to the transaction while records come in, all that are new in one request, one request at a time. */
export class PartitionAdder {
  readonly #init: PartitionAdderInit;
  #adding: Promise<void> | undefined;

  constructor(init: PartitionAdderInit) {
    this.#init = init;
  }

  /** Settles when nothing is being added any more; never rejects. */
  get idle(): Promise<void> {
    return this.#adding ?? Promise.resolve();
  }

  /** Something is new. */
  start(producer: RegisteredProducer, transaction: OpenTransaction): void {
    // Whoever sends to several partitions at once has them added at once.
    this.#adding ??= Promise.resolve().then(() => this.#addAll(producer, transaction));
  }

  async #addAll({ identity }: RegisteredProducer, transaction: OpenTransaction): Promise<void> {
    try {
      while (transaction.hasNew && !transaction.stopped.aborted) {
        const partitions = transaction.takeNew();
        await this.#init.call((context) => addPartitions(this.#init.with(context), identity, transaction, partitions));
        this.#init.onAdded();
      }
    } catch (error) {
      this.#init.onFailed(error);
    } finally {
      this.#adding = undefined;
    }
  }
}
