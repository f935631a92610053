/**
 * The transactions of a producer: begun, filled, ended one after the other, and what is to be done when something fails in one. What
 * happens in which state stands in `transaction-table.ts`; what an error means in `transaction-errors.ts`.
 */
import { type DeliveryVerdict, KafkaError, type TransactionSeverity } from "../../../protocol/index.ts";
import type { CallContext, CallOptions } from "../../client-core.ts";
import type { ResolvedProducerConfig } from "../../config/producer-config.ts";
import { ClosedError, IllegalStateError, ProducerFencedError, RequestTimeoutError, TransactionAbortedError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { ProducerIdentity } from "../producer-identity.ts";
import { addOffsets, commitOffsets } from "./commit-offsets.ts";
import type { CallSettings } from "./coordinator-call.ts";
import { checkOffsets, groupMetadataFrom } from "./group-metadata.ts";
import { initProducerId } from "./init-producer-id.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { PartitionAdder } from "./partition-adder.ts";
import type { TransactionCall } from "./transaction-call.ts";
import { endTransaction } from "./transaction-end.ts";
import { type Circumstances, type TransactionApi, withSeverity } from "./transaction-errors.ts";
import type { TransactionHost } from "./transaction-host.ts";
import type { ConsumerGroupMetadata, OffsetToCommit } from "./transaction-scope.ts";
import type { RegisteredProducer, StateName, StateOf, TransactionEvent, TransactionState } from "./transaction-state.ts";
import { nextState } from "./transaction-table.ts";
import { PRODUCE_BEFORE_V2 } from "./transaction-version.ts";

export interface TransactionsInit {
  readonly config: ResolvedProducerConfig;
  readonly runtime: Runtime;
  readonly telemetry: ClientTelemetry;
  readonly host: TransactionHost;
}

/** What has failed for good: a batch, or a record that is in none. */
export interface FailedSending {
  readonly topic?: string;
  readonly partition?: number;
  readonly verdict: DeliveryVerdict;
}

/** The calls of which only one may be under way. */
type ExclusiveCall = "initTransactions" | "commitTransaction" | "abortTransaction";

export class Transactions {
  readonly #init: TransactionsInit;
  readonly #transactionalId: string;
  readonly #settings: CallSettings;
  readonly #adder: PartitionAdder;
  readonly #offsetCalls = new Set<Promise<void>>();
  #state: TransactionState = { name: "UNINITIALIZED" };
  #underWay: ExclusiveCall | undefined;

  constructor(init: TransactionsInit) {
    const { config, runtime } = init;
    if (config.transactionalId === undefined) throw new IllegalStateError("transactions need the option transactionalId");
    this.#init = init;
    this.#transactionalId = config.transactionalId;
    const { retryBackoffMs, retryBackoffMaxMs } = config;
    this.#settings = { retryBackoffMs, retryBackoffMaxMs, random: runtime.random };
    this.#adder = new PartitionAdder({
      call: (work) => init.host.call("AddPartitionsToTxn", { timeoutMs: config.deliveryTimeoutMs }, work),
      with: (context) => this.#with(context),
      onAdded: () => init.host.wake(),
      onFailed: (error) => void this.#told(error, "AddPartitionsToTxn"),
    });
  }

  get state(): StateName {
    return this.#state.name;
  }

  /** Whether there is a transaction that closing the producer should abort first. */
  get isAbortable(): boolean {
    const state = this.#state;
    return this.#underWay === undefined && "transaction" in state && (state.name !== "COMMITTING" || state.step === "flushing");
  }

  /** Gets an id and an epoch. Whoever had the transactional id before is fenced, and a transaction that it left open aborted. */
  init(options: CallOptions = {}): Promise<void> {
    return this.#exclusively("initTransactions", options, async (context) => {
      try {
        await context.cluster.bootstrap(context.deadline);
        this.#apply({ kind: "registered", producer: await this.#register(context) });
      } catch (error) {
        throw this.#told(error, "InitProducerId");
      }
    });
  }

  begin(): void {
    if (this.#underWay !== undefined) throw this.#busy("beginTransaction", this.#underWay);
    this.#apply({ kind: "beginTransaction" });
  }

  /** Commits where a group goes on, as part of the transaction. */
  async sendOffsets(
    offsets: readonly OffsetToCommit[],
    groupMetadata: ConsumerGroupMetadata | string,
    options: CallOptions = {},
  ): Promise<void> {
    this.#apply({ kind: "sendOffsetsToTransaction" });
    const group = groupMetadataFrom(groupMetadata);
    checkOffsets(offsets);
    const open = this.#open;
    if (offsets.length === 0 || open === undefined) return;
    const { producer, transaction } = open;
    const sending = this.#call("sendOffsetsToTransaction", options, async (context) => {
      const call = this.#with(context);
      try {
        if (producer.version === 1) await addOffsets(call, producer, transaction, group.groupId);
        await commitOffsets(call, producer, transaction, { offsets, group });
      } catch (error) {
        throw this.#told(error, "TxnOffsetCommit");
      }
    });
    const settled = sending.then(nothing, nothing);
    this.#offsetCalls.add(settled);
    void settled.then(() => this.#offsetCalls.delete(settled));
    await sending;
  }

  commit(options: CallOptions = {}): Promise<void> {
    return this.#exclusively("commitTransaction", options, async (context) => {
      await this.#settle(context);
      const state = this.#state;
      // A record, a partition or offsets have failed meanwhile.
      if (state.name !== "COMMITTING") throw this.#refusal("commitTransaction");
      await this.#end(context, state);
    });
  }

  abort(options: CallOptions = {}): Promise<void> {
    return this.#exclusively("abortTransaction", options, async (context) => {
      this.#stop();
      await this.#settle(context);
      const state = this.#state;
      if (state.name !== "ABORTING") throw this.#refusal("abortTransaction");
      await this.#end(context, state);
    });
  }

  /** Throws unless a record may be sent now. */
  checkSend(): void {
    if (this.#state.name !== "IN_TRANSACTION") this.#apply({ kind: "send" });
  }

  /** Throws unless a record that was sent before may still be put into a batch: a commit waits for it. */
  checkAppend(): void {
    const state = this.#state;
    if (state.name !== "COMMITTING" || state.step !== "flushing") this.checkSend();
  }

  /** A record was put into a batch of that partition. */
  use(topic: string, partition: number): void {
    const open = this.#open;
    if (open === undefined || open.transaction.isKnown(topic, partition)) return;
    if (open.producer.version === 2) {
      open.transaction.join(topic, partition);
      return;
    }
    open.transaction.want(topic, partition);
    this.#adder.start(open.producer, open.transaction);
  }

  /** Whether batches of the partition may leave: it is part of the transaction. */
  canSend(topic: string, partition: number): boolean {
    return this.#open?.transaction.isAdded(topic, partition) === true;
  }

  /** It can only be aborted: nothing is sent any more but what has to be asked about. */
  get isLost(): boolean {
    return this.#state.name === "ABORTABLE_ERROR" || this.#state.name === "ABORTING";
  }

  /** Whether the next transaction can begin with another epoch (Kafka 2.5); undefined while none is open. */
  get canTakeEpoch(): boolean | undefined {
    return this.#open?.producer.canTakeEpoch;
  }

  /** Of the transaction that is open. With another one sequence numbers begin at 0 again. */
  get identity(): ProducerIdentity | undefined {
    return this.#open?.producer.identity;
  }

  /** The highest version of Produce to use; undefined for any. */
  get produceMaxVersion(): number | undefined {
    const state = this.#state;
    return "producer" in state && state.producer.version === 2 ? undefined : PRODUCE_BEFORE_V2;
  }

  /**
   * A batch has failed for good, or a record that found no way into one: the transaction lacks it. Returns what its records fail with,
   * whose severity says what that means.
   */
  failed(error: KafkaError, { verdict }: FailedSending): KafkaError {
    const open = this.#open;
    if (error instanceof TransactionAbortedError || error instanceof ClosedError) {
      // It may be in the log: whoever got its sequence number in the next transaction would be taken for it, and not be written.
      if (verdict === "possibly persisted") open?.transaction.requireEpoch();
      return error;
    }
    error.verdict ??= verdict;
    const told = withSeverity(error, "Produce", this.#circumstances("abortable"));
    // Not a wrong call that changes nothing: it was taken.
    if (told instanceof IllegalStateError) told.severity = "abortable";
    open?.transaction.requireEpoch();
    // Its sequence numbers are in doubt, and will be: before Kafka 2.5 there is no epoch with which to begin anew.
    const isStuck = open?.producer.version === 1 && !open.producer.canTakeEpoch && told.verdict === "possibly persisted";
    if (isStuck) told.severity = "fatal";
    // Every record is settled before EndTxn leaves: this is none of the transaction that is being ended.
    const isLate = open !== undefined && "step" in open && open.step !== "flushing";
    if (told.fatal || !isLate) this.#failWith(told, told.severity);
    return told;
  }

  /** Nothing is asked for again; calls that are under way are ended by the client. */
  close(): void {
    this.#open?.transaction.stop(new ClosedError(`the producer with transactional id '${this.#transactionalId}'`));
  }

  #call(name: string, options: CallOptions, work: (context: CallContext) => Promise<void>): Promise<void> {
    return this.#init.host.call(name, { timeoutMs: this.#init.config.maxBlockMs, ...options }, work);
  }

  get #open(): Extract<TransactionState, { readonly transaction: OpenTransaction }> | undefined {
    return "transaction" in this.#state ? this.#state : undefined;
  }

  #with(context: CallContext): TransactionCall {
    return { context, settings: this.#settings, transactionalId: this.#transactionalId };
  }

  /** T16: one at a time, and the others hear so at once. */
  async #exclusively(name: ExclusiveCall, options: CallOptions, work: (context: CallContext) => Promise<void>): Promise<void> {
    if (this.#underWay !== undefined) throw this.#busy(name, this.#underWay);
    this.#apply({ kind: name });
    this.#underWay = name;
    try {
      await this.#call(name, options, work);
    } catch (error) {
      throw unfinished(name, error);
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Nothing of the transaction is sent any more that is not on its way. */
  #stop(): void {
    const state = this.#state;
    if (state.name !== "ABORTING" || state.step !== "flushing") return;
    const reason = new TransactionAbortedError(this.#transactionalId, state.error && { cause: state.error });
    state.transaction.stop(reason);
    this.#init.host.abortUnsent(reason);
  }

  /** T12: what is to be committed or aborted has to be complete first. */
  async #settle({ deadline }: CallContext): Promise<void> {
    const state = this.#state;
    if (!("step" in state) || state.step !== "flushing") return;
    await this.#init.host.flush(deadline);
    const rest = [this.#adder.idle, ...this.#offsetCalls];
    // What arrives after the end would open a transaction that nobody ends, or be part of the next one: before Kafka 3.6 leaders take it.
    if (state.producer.version === 1) rest.push(this.#init.host.nothingOnItsWay());
    await deadline.race(Promise.all(rest), () => new RequestTimeoutError("requests of the transaction", deadline.timeoutMs));
  }

  async #end(context: CallContext, state: StateOf<"COMMITTING"> | StateOf<"ABORTING">): Promise<void> {
    const isCommit = state.name === "COMMITTING";
    if (state.step !== "taking an epoch") {
      this.#apply({ kind: "ending" });
      try {
        this.#apply({ kind: "ended", ...(await endTransaction(this.#with(context), state)) });
      } catch (error) {
        throw this.#told(error, "EndTxn");
      }
    }
    const holding = this.identity;
    if (holding === undefined) return;
    try {
      this.#apply({ kind: "registered", producer: await this.#register(context, holding) });
    } catch (error) {
      const told = this.#told(error, "InitProducerId");
      // It is committed nevertheless. The next call tells that it was the last one.
      if (!isCommit || !(told instanceof KafkaError && told.fatal)) throw told;
    }
  }

  #register(context: CallContext, holding?: ProducerIdentity): Promise<RegisteredProducer> {
    const { transactionTimeoutMs } = this.#init.config;
    return initProducerId(this.#with(context), { transactionTimeoutMs, ...(holding && { holding }) });
  }

  /** What a failed request means to the transaction; the error as the caller gets it. */
  #told(error: unknown, api: TransactionApi): unknown {
    const isInside = api !== "EndTxn" && api !== "InitProducerId";
    if (!(error instanceof KafkaError)) {
      // The caller gave up. What is missing in the transaction now, nobody can tell.
      if (isInside) this.#failWith(error instanceof Error ? error : new Error(String(error)), "abortable");
      return error;
    }
    const told = withSeverity(error, api, this.#circumstances(isInside ? "abortable" : "retriable"));
    // T7: aborting cannot be what helps against it.
    if (told.abortable && !isInside && this.#state.name === "ABORTING") told.severity = "fatal";
    this.#failWith(told, told.severity);
    return told;
  }

  #failWith(error: Error, severity: TransactionSeverity | undefined): void {
    if (error instanceof ClosedError) return;
    if (severity === "fatal" && error instanceof KafkaError) this.#apply({ kind: "fatal error", error });
    else if (severity === "abortable") this.#apply({ kind: "abortable error", error });
  }

  #circumstances(exhausted: TransactionSeverity): Circumstances {
    const canTakeEpoch = this.#open?.producer.canTakeEpoch === true;
    return { transactionalId: this.#transactionalId, canTakeEpoch, exhausted };
  }

  /** @throws the error of a call that is not possible now */
  #apply(event: TransactionEvent): void {
    const before = this.#state;
    const next = nextState(before, event, this.#transactionalId);
    if (next instanceof KafkaError) throw next;
    this.#state = next;
    if (next.name === before.name) return;
    if (next.name === "ABORTABLE_ERROR" || next.name === "FATAL_ERROR") this.#giveUp(next, before);
    this.#init.host.wake();
  }

  /** Nothing more is added to a transaction that cannot be committed, and what waits to be sent fails. */
  #giveUp({ name, error }: StateOf<"ABORTABLE_ERROR"> | StateOf<"FATAL_ERROR">, before: TransactionState): void {
    const { host, telemetry } = this.#init;
    const isFatal = name === "FATAL_ERROR";
    const unsent = notSent(this.#transactionalId, error, isFatal);
    if ("transaction" in before) before.transaction.stop(unsent);
    telemetry.warning(
      isFatal ? "PRODUCER_UNUSABLE" : "TRANSACTION_FAILED",
      isFatal ? "the producer can only be closed" : "the transaction can only be aborted",
      { transactionalId: this.#transactionalId, error: error.message },
    );
    // The batch that has failed goes first.
    queueMicrotask(() => host.abortUnsent(unsent));
  }

  #refusal(kind: ExclusiveCall): unknown {
    const refusal = nextState(this.#state, { kind }, this.#transactionalId);
    return refusal instanceof KafkaError ? refusal : this.#busy(kind, kind);
  }

  #busy(call: string, underWay: ExclusiveCall): IllegalStateError {
    return new IllegalStateError(`${call}: ${underWay}() is under way; await it first`);
  }
}

/** What records fail with that are not sent because of it. */
function notSent(transactionalId: string, cause: Error, isFatal: boolean): KafkaError {
  const error =
    cause instanceof ProducerFencedError
      ? new ProducerFencedError(transactionalId, { cause })
      : new TransactionAbortedError(transactionalId, { cause });
  error.verdict = "not persisted";
  if (isFatal) error.severity = "fatal";
  return error;
}

/** The error of a call that may be called again, and goes on then. */
function unfinished(call: ExclusiveCall, error: unknown): unknown {
  if (error instanceof ClosedError) error.severity = "fatal";
  if (!(error instanceof RequestTimeoutError) || error.abortable || error.fatal) return error;
  const { timeoutMs, outcome } = error;
  const told = new RequestTimeoutError(`${call}(), which goes on when it is called again`, timeoutMs, { outcome, cause: error });
  told.severity = "retriable";
  return told;
}

function nothing(): void {}
