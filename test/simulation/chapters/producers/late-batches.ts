import type { JournalEntry } from "../../../../src/broker/index.ts";
import { type EndTxnRequest, isSince, type KafkaRelease, type RecordBatch } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { World } from "../../world/world.ts";
import { Additions } from "../transactions/additions.ts";
import { placeOf, type TransactionalBatch, transactionalBatches, transactionOf } from "./written-batches.ts";

/** From it on, leaders ask the coordinator whether a batch's transaction is still open (KIP-890). */
const FIRST_RELEASE_THAT_VERIFIES: KafkaRelease = "3.6";
/** From it on, what belongs to a transaction that is over has an old epoch (KIP-890). */
const FIRST_END_OF_VERSION_2 = 5;
const ENDED_LAST = "a transaction is ended when everything that was sent in it is answered, or its connection is closed";

/**
 * What brokers had not answered, or not even read, when they were asked to end its transaction. A client that has lost a connection cannot
 * know what becomes of the requests on it; before Kafka 3.6 leaders carry them out whenever they come: in the next transaction, or in one
 * that nobody ends.
 */
export class LateBatches {
  readonly checker: Checker = { rule: ENDED_LAST, watch: (world) => this.#watch(world) };
  readonly #late = new Set<string>();

  /** Whether it may be in the log behind the end of its transaction, without anybody's fault. */
  has({ scenario }: World, topic: string, partition: number, batch: RecordBatch): boolean {
    const transaction = transactionOf(batch.producerId, batch.producerEpoch);
    const name = nameOf({ transaction, place: placeOf(topic, partition), baseSequence: batch.baseSequence });
    return !isSince(scenario.release, FIRST_RELEASE_THAT_VERIFIES) && this.#late.has(name);
  }

  #watch(world: World): { onEntry(entry: JournalEntry): void } {
    const additions = new Additions();
    const unanswered = new Map<string, { readonly entry: JournalEntry; readonly batches: readonly TransactionalBatch[] }>();
    /** Transactions that are over, with what was added under the same epoch since. */
    const ended = new Map<string, Set<string>>();
    const isLate = ({ connection = 0, clientId = "" }: JournalEntry, batch: TransactionalBatch): void => {
      this.#late.add(nameOf(batch));
      if (world.isGone(connection)) return;
      world.violate(ENDED_LAST, `${clientId}: what was sent on connection ${connection} for ${nameOf(batch)}`);
    };
    return {
      onEntry: (entry) => {
        const { kind, api, connection = 0, correlationId = 0 } = entry;
        const exchange = `${connection}/${correlationId}`;
        for (const { transaction, place } of additions.heard(entry)) ended.get(transaction)?.add(place);
        const batches = transactionalBatches(entry);
        if (batches.length > 0) unanswered.set(exchange, { entry, batches });
        for (const batch of batches) if (ended.get(batch.transaction)?.has(batch.place) === false) isLate(entry, batch);
        if (kind === "response" && api === "Produce") unanswered.delete(exchange);
        const transaction = endedBy(entry);
        if (transaction === undefined) return;
        ended.set(transaction, new Set());
        for (const { entry: request, batches: sent } of unanswered.values()) {
          for (const batch of sent) if (batch.transaction === transaction) isLate(request, batch);
        }
      },
    };
  }
}

function nameOf({ transaction, place, baseSequence }: TransactionalBatch): string {
  return `${place} from number ${baseSequence} on of ${transaction}`;
}

function endedBy({ kind, api, version = 0, body }: JournalEntry): string | undefined {
  if (kind !== "request" || api !== "EndTxn" || version >= FIRST_END_OF_VERSION_2 || !isEnd(body)) return undefined;
  return transactionOf(body.producerId, body.producerEpoch);
}

function isEnd(body: unknown): body is EndTxnRequest {
  return typeof body === "object" && body !== null && "committed" in body;
}
