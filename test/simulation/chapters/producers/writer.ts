import {
  BrokerError,
  Producer,
  type ProducerRecord,
  type RecordMetadata,
  type SerializedBytes,
  type TransactionScope,
} from "../../../../src/client/index.ts";
import { SendBatchError } from "../../../../src/client/producer/accumulator/recipient.ts";
import { KafkaError } from "../../../../src/protocol/index.ts";
import type { LedgerProducer, LedgerTopic } from "../../../support/records-checker/records-ledger.ts";
import type { Dice } from "../../world/dice.ts";
import { errorText, type SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { drawWriterOptions, type WriterOptions } from "./producer-settings.ts";
import type { RecordBook } from "./record-book.ts";

export const ANSWERED = "what was sent is answered in time: written, or failed with a verdict";
const NOT_INSIDE = "nobody is called back inside the call that sends";
const IN_ORDER = "what became of a partition's records is told in their order";
const WHERE_ASKED = "a record is written where it was sent to";

export interface WriterInit {
  readonly world: World;
  readonly book: RecordBook;
  readonly dice: Dice;
  readonly transactionalId?: string;
  /** Makes something else of what was drawn for it. */
  readonly settings?: (drawn: WriterOptions) => WriterOptions;
}

/** How the records of a burst are sent. */
export type Way = "send" | "sendBatch" | "produce";

/** A record that was sent. */
export interface Sent {
  readonly id: number;
  readonly topic: LedgerTopic;
  readonly record: ProducerRecord;
}

export interface Patience {
  readonly timeoutMs?: number;
  readonly abortAfterMs?: number | undefined;
}

/** A producer, what it has sent, and what it was told. */
export class Writer {
  readonly world: World;
  readonly options: WriterOptions;
  readonly client: SimulatedClient<Producer>;
  /** By record: until when (monotonic) it must have its place in a batch; then its delivery time begins. In the order of sending. */
  readonly unanswered: Map<number, number> = new Map();
  /** What is sent now belongs to this transaction; 0 for none. */
  transaction = 0;
  /** A record of the transaction was never taken. */
  hasFailed = false;
  /** Through whom records are sent: within `transaction()` what its function is given. */
  scope: TransactionScope<SerializedBytes, SerializedBytes> | undefined;
  /** Called after each answer to a record that was produced with a callback. */
  onAnswer: (() => void) | undefined;
  readonly #book: RecordBook;
  readonly #lasting: LedgerProducer;
  /** In topics that somebody deletes: what was acknowledged there may be lost. */
  readonly #fleeting: LedgerProducer;
  /**
   * How it sends. What is sent many at a time is answered when the last of them is; and a promise is heard a little later than a
   * callback: only who sends in one way hears everything in order.
   */
  readonly #ways: readonly Way[];
  readonly #isToldInOrder: boolean;
  /** By partition: the last record in it that was told of. */
  readonly #lastTold = new Map<string, number>();
  #isInCall = false;

  constructor({ world, book, dice, transactionalId, settings = (drawn) => drawn }: WriterInit) {
    this.world = world;
    this.#book = book;
    const clientDice = dice.fork();
    const made: WriterOptions[] = [];
    this.client = world.addClient("producer", (runtime, clientId) => {
      const options = settings(drawWriterOptions(world, clientDice, clientId, transactionalId));
      made.push(options);
      world.journal.note(clientId, `is made: ${JSON.stringify(options)}`);
      return new Producer(options, runtime);
    });
    const [options] = made;
    if (options === undefined) throw new Error("a world has made no client");
    this.options = options;
    this.#ways = dice.pick([["send"], ["produce"], ["send", "sendBatch", "produce"]] as const);
    const { acks, enableIdempotence: idempotent } = options;
    const isOrdered = this.#ways.length === 1;
    const promises = { idempotent, acks, answersInOrder: idempotent && isOrdered };
    this.#isToldInOrder = promises.answersInOrder;
    const { clientId } = this.client;
    this.#lasting = book.ledger.addProducer(clientId, promises);
    this.#fleeting = book.ledger.addProducer(`${clientId} (fleeting)`, { ...promises, acks: acks === 0 ? 0 : 1 });
  }

  get clientId(): string {
    return this.client.clientId;
  }

  /** The most that a record may take, from its call to its answer. */
  get mostMs(): number {
    const { maxBlockMs, deliveryTimeoutMs } = this.options;
    return maxBlockMs + deliveryTimeoutMs;
  }

  pickWay(dice: Dice): Way {
    return dice.pick(this.#ways);
  }

  pickTopic(dice: Dice): LedgerTopic {
    const { fleeting, lasting } = this.#book;
    return fleeting !== undefined && this.transaction === 0 && dice.chance(0.25) ? fleeting : dice.pick(lasting);
  }

  /** As many records at once as it says. Resolves when the last was handed over, not when they are answered. */
  async burst(dice: Dice, count: number, way: Way, patience: Patience = {}): Promise<void> {
    const topic = this.pickTopic(dice);
    this.world.journal.note(this.clientId, `${way} ${count} to ${topic.name}`);
    if (way === "sendBatch")
      this.#sendBatch(
        Array.from({ length: count }, () => this.#sent(dice, topic, patience)),
        patience,
      );
    else if (way === "send") for (let left = count; left > 0; left--) void this.#send(this.#sent(dice, topic, patience), patience);
    else for (let left = count; left > 0; left--) if (!(await this.#produceOne(dice, topic))) return;
  }

  /** False when there was no room, and there is none. */
  async #produceOne(dice: Dice, topic: LedgerTopic): Promise<boolean> {
    // In a transaction nothing may be missing: it is the same record that is produced again.
    const sent = this.#sent(dice, topic, {});
    for (;;) {
      if (this.#produce(sent)) return true;
      const isReady = await this.#ready();
      if (!isReady || this.transaction === 0) {
        this.#refused(sent);
        return isReady;
      }
    }
  }

  produce(dice: Dice): void {
    const topic = this.pickTopic(dice);
    const sent = this.#sent(dice, topic, {});
    if (!this.#produce(sent)) this.#refused(sent);
  }

  /** False when there was no room: then it was not taken. */
  #produce(sent: Sent): boolean {
    const wasInCall = this.#isInCall;
    this.#isInCall = true;
    try {
      return this.client.client.produce(sent.topic.name, sent.record, (error, metadata) => {
        if (this.#isInCall) this.world.violate(NOT_INSIDE, `${this.clientId}: record ${sent.id}`);
        this.#answered(sent, error, metadata);
        this.onAnswer?.();
      });
    } catch (error) {
      // That is no answer to a record: it was never taken.
      this.world.journal.note(this.clientId, () => `record ${sent.id} is refused: ${errorText(error)}`);
      this.#refused(sent);
      return true;
    } finally {
      this.#isInCall = wasInCall;
    }
  }

  /** Sends one record, and tells what it failed with, if it did. */
  tryOne(dice: Dice): Promise<unknown> {
    return this.#send(this.#sent(dice, this.pickTopic(dice), {}), {});
  }

  async #send(sent: Sent, patience: Patience): Promise<unknown> {
    const { options, end } = this.#callOptions(patience);
    try {
      this.#answered(sent, null, await (this.scope ?? this.client.client).send(sent.topic.name, sent.record, options));
      return undefined;
    } catch (error) {
      this.#answered(sent, error, undefined);
      return error;
    } finally {
      end();
    }
  }

  #sendBatch(batch: readonly Sent[], patience: Patience): void {
    const { options, end } = this.#callOptions(patience);
    const [first] = batch;
    if (first === undefined) return;
    const records = batch.map(({ record }) => record);
    void (this.scope ?? this.client.client)
      .sendBatch(first.topic.name, records, options)
      .then(
        (results) => {
          for (const [index, sent] of batch.entries()) this.#answered(sent, null, results[index]);
        },
        (error: unknown) => this.#batchFailed(batch, error),
      )
      .then(end);
  }

  #batchFailed(batch: readonly Sent[], error: unknown): void {
    if (!(error instanceof SendBatchError)) {
      for (const sent of batch) this.#answered(sent, error, undefined);
      return;
    }
    const errors = new Map(error.failures.map((failure) => [failure.index, failure.error]));
    for (const [index, sent] of batch.entries()) this.#answered(sent, errors.get(index) ?? null, error.results[index]);
  }

  async #ready(): Promise<boolean> {
    if (this.client.isClosing) return false;
    const limits = { timeoutMs: this.options.maxBlockMs };
    const { outcome } = await this.client.call("ready", {}, limits, (producer, options) => producer.ready(options));
    return outcome.kind === "value" && !this.client.isClosing;
  }

  #callOptions({ timeoutMs, abortAfterMs }: Patience): {
    readonly options: { readonly timeoutMs?: number; readonly signal?: AbortSignal };
    readonly end: () => void;
  } {
    const own = timeoutMs === undefined ? {} : { timeoutMs };
    if (abortAfterMs === undefined) return { options: own, end: () => undefined };
    const controller = new AbortController();
    const timer = this.world.clock.schedule(abortAfterMs, () => controller.abort(new GivenUp("somebody gave up his record")));
    return { options: { ...own, signal: controller.signal }, end: () => timer.cancel() };
  }

  #sent(dice: Dice, topic: LedgerTopic, { timeoutMs = this.options.maxBlockMs }: Patience): Sent {
    const { ledger } = this.#book;
    const producer = topic === this.#book.fleeting ? this.#fleeting : this.#lasting;
    const id = ledger.sent({ producer, topic, transaction: this.transaction });
    this.unanswered.set(id, this.world.clock.monotonic() + timeoutMs);
    // Outside of transactions, which would have to be aborted, it may also be one that is not there, or not yet.
    const partitions = this.#book.partitions + (this.transaction > 0 ? 0 : 1);
    return { id, topic, record: drawRecord(dice, ledger.value(id), partitions) };
  }

  #refused({ id }: Sent): void {
    this.unanswered.delete(id);
    if (this.transaction > 0) this.hasFailed = true;
    this.#book.later(() => this.#book.ledger.failed(id, "not persisted"));
  }

  #answered(sent: Sent, error: unknown, metadata: RecordMetadata | undefined): void {
    const { id, topic, record } = sent;
    const { ledger } = this.#book;
    this.world.journal.note(this.clientId, () => `record ${id}: ${metadata ? placeText(metadata) : errorText(error)}`);
    this.unanswered.delete(id);
    if (metadata !== undefined) {
      const isThere = metadata.topic === topic.name && (record.partition ?? metadata.partition) === metadata.partition;
      if (!isThere) this.world.violate(WHERE_ASKED, `${this.clientId}: ${ledger.describe(id)}: ${placeText(metadata)}`);
      this.#toldOf(id, metadata.topic, metadata.partition);
      ledger.acknowledged(id, metadata.partition, metadata.offset);
    } else this.#failed(id, error);
  }

  #failed(id: number, error: unknown): void {
    const { ledger } = this.#book;
    // Whoever gives up hears so at once, and never what becomes of it.
    if (error instanceof GivenUp) {
      this.#book.later(() => ledger.failed(id, "possibly persisted"));
      return;
    }
    const verdict = error instanceof KafkaError ? error.verdict : undefined;
    if (verdict === undefined) this.world.violate(ANSWERED, `${this.clientId}: record ${id} has no verdict: ${errorText(error)}`);
    // A record that has got no place in a batch fails when its time is over, whatever lies before it.
    const hadPlace = error instanceof BrokerError && error.context.api === "Produce";
    const enter = (): void => ledger.failed(id, verdict ?? "possibly persisted");
    if (!hadPlace) this.#book.later(enter);
    else {
      const { topic = "", partition = 0 } = error.context;
      this.#toldOf(id, topic, partition);
      enter();
    }
  }

  #toldOf(id: number, topic: string, partition: number): void {
    if (!this.#isToldInOrder) return;
    const place = `${topic}-${partition}`;
    const last = this.#lastTold.get(place) ?? -1;
    if (last > id) this.world.violate(IN_ORDER, `${this.clientId}: record ${id} in ${place} after record ${last}`);
    this.#lastTold.set(place, Math.max(last, id));
  }
}

class GivenUp extends Error {}

function placeText({ topic, partition, offset }: RecordMetadata): string {
  return `at ${topic}-${partition}@${offset}`;
}

function drawRecord(dice: Dice, value: string, partitions: number): ProducerRecord {
  const padding = dice.pick([0, 0, 0, 30, 200, 900, 2500]);
  const key = dice.chance(0.5) ? `k${dice.integer(50)}` : null;
  const partition = dice.chance(0.3) ? dice.integer(partitions) : undefined;
  return {
    value,
    key,
    ...(padding > 0 && { headers: [["padding", "x".repeat(padding)]] as const }),
    ...(partition !== undefined && { partition }),
  };
}
