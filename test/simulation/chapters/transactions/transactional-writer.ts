import { IllegalStateError } from "../../../../src/client/errors.ts";
import type { Producer, SerializedBytes, TransactionScope } from "../../../../src/client/index.ts";
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
const UNDECIDED = "transaction() asks to be called again, or for a commit, only when nobody knows what became of it";
const IN_TIME = "every call ends by its deadline";
const MOST_ATTEMPTS = 8;
const RETRY_PAUSE_MS = 100;
const TIMEOUTS_MS = [100, 1000, 5000, 30_000, 30_000] as const;
/** What is done in a transaction has no end of its own. */
const LONGEST_WORK_MS = 900_000;

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
type Scope = TransactionScope<SerializedBytes, SerializedBytes>;

/** How far a `transaction()` has come. */
interface Course {
  /** In the ledger; 0 before it was begun. */
  transaction: number;
  offset?: number | undefined;
  /** What was to be done in it is done. */
  isComplete: boolean;
  workEndedMs: number;
  /** What it was rejected with. */
  error?: unknown;
}

class ChangedMind extends Error {}

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
    if (fate !== "vanish" && dice.chance(0.35)) return this.#transactInOneCall(dice, fate);
    const { writer } = this;
    try {
      writer.client.client.beginTransaction();
    } catch (error) {
      this.isDead = true;
      writer.world.journal.note(writer.clientId, `beginTransaction: ${errorText(error)}`);
      return "open";
    }
    const transaction = this.#begun(fate);
    const offset = await this.#fill(dice, writer.client.client.sendOffsetsToTransaction.bind(writer.client.client));
    writer.transaction = 0;
    const end = await this.#end(dice, fate === "commit" && writer.hasFailed ? "abort" : fate);
    this.#ended(transaction, end, offset);
    return end;
  }

  #begun(fate: Fate): number {
    const { writer } = this;
    const transaction = this.#init.book.ledger.begin();
    writer.world.journal.note(writer.clientId, `begins transaction ${transaction}, to ${fate} it`);
    writer.transaction = transaction;
    writer.hasFailed = false;
    return transaction;
  }

  #ended(transaction: number, end: TransactionEnd, offset: number | undefined): void {
    const { book, offsets, world } = this.#init;
    world.journal.note(this.writer.clientId, `transaction ${transaction}: ${end}`);
    book.ledger.ended(transaction, end);
    if (offset !== undefined && (end === "committed" || end === "unknown")) {
      offsets.ended(groupOf(this.transactionalId), offset, end);
    }
  }

  /** By `transaction()`, which begins and ends it. */
  async #transactInOneCall(dice: Dice, fate: Fate): Promise<TransactionEnd> {
    const { writer } = this;
    const { clock } = writer.world;
    const changed = new ChangedMind("somebody does not want his transaction any more");
    const course: Course = { transaction: 0, isComplete: false, workEndedMs: clock.monotonic() };
    const timeoutMs = dice.pick(TIMEOUTS_MS);
    const controller = new AbortController();
    const givesUp = dice.chance(0.05) ? clock.schedule(dice.integer(timeoutMs), () => controller.abort(changed)) : undefined;
    await writer.client.call("transaction", { timeoutMs }, { timeoutMs: LONGEST_WORK_MS }, async (producer) => {
      try {
        const work = (tx: Scope): Promise<void> => this.#work(dice, fate, tx, course, changed);
        await producer.transaction(work, { timeoutMs, ...(givesUp !== undefined && { signal: controller.signal }) });
      } catch (error) {
        course.error = error;
        if (error !== changed) throw error;
      }
    });
    givesUp?.cancel();
    if (course.transaction === 0) {
      this.isDead = true;
      return "open";
    }
    // It commits, and aborts when that fails.
    const { world } = writer;
    const dueMs = world.excused(world.excused(course.workEndedMs + timeoutMs) + timeoutMs);
    if (clock.monotonic() > dueMs) world.violate(IN_TIME, `${writer.clientId}: transaction() was to end by ${dueMs}`);
    const end = await this.#endOf(dice, course);
    this.#ended(course.transaction, end, course.offset);
    return end;
  }

  async #work(dice: Dice, fate: Fate, tx: Scope, course: Course, changed: Error): Promise<void> {
    const { writer } = this;
    course.transaction = this.#begun(fate);
    writer.scope = tx;
    try {
      course.offset = await this.#fill(dice, (offsets, group, options) => tx.sendOffsets(offsets, group, options));
      if (fate === "abort" || writer.hasFailed) throw changed;
      course.isComplete = true;
    } finally {
      writer.scope = undefined;
      writer.transaction = 0;
      course.workEndedMs = writer.world.clock.monotonic();
    }
  }

  /** What became of it, as far as its error tells, or another commit. */
  async #endOf(dice: Dice, { error, isComplete, transaction }: Course): Promise<TransactionEnd> {
    if (error === undefined) {
      this.#checkComplete(transaction);
      return "committed";
    }
    const failure = error instanceof Error && "abortFailure" in error ? error.abortFailure : undefined;
    if (failure !== undefined) return this.#abort(dice);
    if (!isComplete) return "aborted";
    if (isFatal(error)) {
      this.isDead = true;
      return "unknown";
    }
    const end = await this.#commit(dice, true);
    const asks = error instanceof KafkaError && error.severity === "retriable";
    if (end === "nothing to commit" && asks) this.writer.world.violate(UNDECIDED, `${this.writer.clientId}: ${errorText(error)}`);
    return end === "nothing to commit" ? "aborted" : end;
  }

  #checkComplete(transaction: number): void {
    const { writer } = this;
    const left = [...writer.unanswered.keys()].filter((id) => this.#init.book.ledger.transactionOf(id) === transaction);
    if (left.length > 0) writer.world.violate(COMPLETE, `${writer.clientId}: not answered are ${left.join(", ")}`);
  }

  /** Gives the offset that was sent in it, if one was. */
  async #fill(dice: Dice, sendOffsets: Scope["sendOffsets"]): Promise<number | undefined> {
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
    const ended = await this.#call("sendOffsetsToTransaction", dice, (_producer, options) =>
      sendOffsets([{ topic, partition: 0, offset }], group, options),
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
    if (fate === "abort") return this.#abort(dice);
    const end = await this.#commit(dice);
    if (end !== "nothing to commit") return end;
    this.isDead = true;
    return "unknown";
  }

  async #commit(dice: Dice, mayBeOver = false): Promise<TransactionEnd | "nothing to commit"> {
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
      if (mayBeOver && attempt === 0 && error instanceof IllegalStateError) return "nothing to commit";
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
    const timeoutMs = dice.pick(TIMEOUTS_MS);
    const limits = { timeoutMs, abortAfterMs: dice.chance(0.05) ? dice.integer(timeoutMs) : undefined };
    const { outcome } = await this.writer.client.call(method, {}, limits, run);
    return outcome;
  }
}

/** Nothing helps any more. */
function isFatal(error: unknown): boolean {
  return error instanceof KafkaError && (error.fatal || error.code === "CLOSED" || error.code === "ILLEGAL_STATE");
}
