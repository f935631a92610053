import type { Producer } from "../../../../src/client/index.ts";
import { KafkaError } from "../../../../src/protocol/index.ts";
import type { TransactionEnd } from "../../../support/records-checker/records-ledger.ts";
import type { Dice } from "../../world/dice.ts";
import { errorText } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import type { WriterOptions } from "../producers/producer-settings.ts";
import type { RecordBook } from "../producers/record-book.ts";
import { Writer } from "../producers/writer.ts";
import type { CommittedOffsets } from "./committed-offsets.ts";
import { groupOf } from "./transaction-faults.ts";

const COMPLETE = "a transaction is committed with all its records, or not at all";
const MOST_ATTEMPTS = 8;
const RETRY_PAUSE_MS = 100;

/** What somebody wants to become of his transaction. `vanish`: he leaves it alone. */
export type Fate = "commit" | "abort" | "vanish";

export interface TransactionalInit {
  readonly world: World;
  readonly book: RecordBook;
  readonly offsets: CommittedOffsets;
  readonly dice: Dice;
  readonly transactionalId: string;
  readonly settings: (drawn: WriterOptions) => WriterOptions;
}

type Ended = { readonly kind: "value" } | { readonly kind: "error"; readonly error: unknown };

/** A producer with transactions, which knows of each what became of it, or that nobody can know. */
export class TransactionalWriter {
  readonly writer: Writer;
  readonly transactionalId: string;
  readonly #init: TransactionalInit;
  /** It can only be closed. */
  isDead = false;

  constructor(init: TransactionalInit) {
    this.#init = init;
    this.transactionalId = init.transactionalId;
    this.writer = new Writer(init);
  }

  get isUsable(): boolean {
    return !this.isDead && !this.writer.client.isClosing;
  }

  /** False when it will never be able to write. */
  async start(dice: Dice, attempts: number = MOST_ATTEMPTS): Promise<boolean> {
    for (let attempt = 0; attempt < attempts && this.isUsable; attempt++) {
      const ended = await this.#call("initTransactions", dice, (producer, options) => producer.initTransactions(options));
      if (ended.kind === "value") return true;
      if (isFatal(ended.error)) this.isDead = true;
      await this.#init.world.wait(RETRY_PAUSE_MS);
    }
    return false;
  }

  /** Gives what became of it. */
  async transact(dice: Dice, fate: Fate): Promise<TransactionEnd> {
    const { book } = this.#init;
    const { writer } = this;
    try {
      writer.client.client.beginTransaction();
    } catch (error) {
      this.isDead = true;
      writer.world.journal.note(writer.clientId, `beginTransaction: ${errorText(error)}`);
      return "open";
    }
    const transaction = book.ledger.begin();
    writer.world.journal.note(writer.clientId, `begins transaction ${transaction}, to ${fate} it`);
    writer.transaction = transaction;
    writer.hasFailed = false;
    const offset = await this.#fill(dice);
    writer.transaction = 0;
    const end = await this.#end(dice, fate === "commit" && writer.hasFailed ? "abort" : fate);
    writer.world.journal.note(writer.clientId, `transaction ${transaction}: ${end}`);
    book.ledger.ended(transaction, end);
    if (offset !== undefined && (end === "committed" || end === "unknown")) {
      this.#init.offsets.ended(groupOf(this.transactionalId), offset, end);
    }
    return end;
  }

  /** Gives the offset that was sent in it, if one was. */
  async #fill(dice: Dice): Promise<number | undefined> {
    const { world, offsets } = this.#init;
    const { writer } = this;
    const mostPauseMs = dice.pick([0, 20, 1000]);
    for (let bursts = dice.integer(4); bursts > 0 && this.isUsable; bursts--) {
      await writer.burst(dice, dice.between(1, 12), writer.pickWay(dice));
      await world.wait(dice.integer(mostPauseMs + 1));
    }
    if (!dice.chance(0.3) || !this.isUsable) return undefined;
    const group = groupOf(this.transactionalId);
    const offset = offsets.next(group);
    const { topic } = offsets;
    const ended = await this.#call("sendOffsetsToTransaction", dice, (producer, options) =>
      producer.sendOffsetsToTransaction([{ topic, partition: 0, offset }], group, options),
    );
    // Whoever was not told that they are part of it must not commit.
    if (ended.kind === "error") writer.hasFailed = true;
    return offset;
  }

  async #end(dice: Dice, fate: Fate): Promise<TransactionEnd> {
    if (fate === "vanish") {
      this.isDead = true;
      return "open";
    }
    return fate === "commit" ? this.#commit(dice) : this.#abort(dice);
  }

  async #commit(dice: Dice): Promise<TransactionEnd> {
    const { writer } = this;
    const before = [...writer.unanswered.keys()];
    for (let attempt = 0; attempt < MOST_ATTEMPTS && !writer.client.isClosing; attempt++) {
      const ended = await this.#call("commitTransaction", dice, (producer, options) => producer.commitTransaction(options));
      if (ended.kind === "value") {
        const left = before.filter((id) => writer.unanswered.has(id));
        if (left.length > 0) writer.world.violate(COMPLETE, `${writer.clientId}: not answered are ${left.join(", ")}`);
        return "committed";
      }
      const { error } = ended;
      if (error instanceof KafkaError && error.abortable) return this.#abort(dice);
      if (isFatal(error)) break;
      await writer.world.wait(RETRY_PAUSE_MS);
    }
    this.isDead = true;
    return "unknown";
  }

  async #abort(dice: Dice): Promise<TransactionEnd> {
    const { writer } = this;
    for (let attempt = 0; attempt < MOST_ATTEMPTS && !writer.client.isClosing; attempt++) {
      const ended = await this.#call("abortTransaction", dice, (producer, options) => producer.abortTransaction(options));
      if (ended.kind === "value") return "aborted";
      if (isFatal(ended.error)) break;
      await writer.world.wait(RETRY_PAUSE_MS);
    }
    this.isDead = true;
    // Nobody has asked to commit it, or was told that it cannot be.
    return "aborted";
  }

  async #call(
    method: string,
    dice: Dice,
    run: (producer: Producer, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }) => Promise<void>,
  ): Promise<Ended> {
    const timeoutMs = dice.pick([100, 1000, 5000, 30_000, 30_000]);
    const limits = { timeoutMs, abortAfterMs: dice.chance(0.05) ? dice.integer(timeoutMs) : undefined };
    const { outcome } = await this.writer.client.call(method, {}, limits, run);
    return outcome;
  }
}

/** Nothing helps any more. */
function isFatal(error: unknown): boolean {
  return error instanceof KafkaError && (error.fatal || error.code === "CLOSED" || error.code === "ILLEGAL_STATE");
}
