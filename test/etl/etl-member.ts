import type { Runtime } from "../../src/client/runtime.ts";
import {
  Consumer,
  type ConsumerOptions,
  type ConsumerRecord,
  KafkaError,
  type OffsetToCommit,
  Producer,
  type ProducerOptions,
  type ProducerRecord,
  strings,
  type TransactionScope,
} from "../../src/index.ts";
import { Dice } from "../simulation/world/dice.ts";
import type { MemberPlan, MemberReport } from "./etl-plan.ts";
import { passedOn, type Text } from "./etl-records.ts";
import { transformOnce } from "./transform-once.ts";

/** At most so many come into a transaction. */
const MOST_RECORDS = 2000;
const ABORTS = 0.03;
const WORKS = 0.2;
const MOST_WORK_MS = 30;
const CLOSE_MS = 5000;
const AGAIN_MS = 100;

/** One that is passed on as others are, and then not wanted after all. */
class ChangedMindError extends KafkaError {
  override readonly code = "CHANGED_MIND";
  override readonly retriable = true;
  override severity = "abortable" as const;

  constructor() {
    super("the transaction is aborted on a whim");
  }
}

type TextScope = TransactionScope<Text, Text>;

interface MemberProducerInit {
  readonly dice: Dice;
  /** Planted: what is passed on counts as read when that is over, and by itself. */
  readonly commitOutside: ((offsets: readonly OffsetToCommit[]) => Promise<void>) | undefined;
  readonly onEnd: (isCommitted: boolean) => void;
}

/** Aborts some transactions when everything is in them. */
class MemberProducer extends Producer<Text, Text> {
  readonly #init: MemberProducerInit;

  constructor(options: ProducerOptions<Text, Text>, runtime: Runtime, init: MemberProducerInit) {
    super(options, runtime);
    this.#init = init;
  }

  override async transaction<T>(work: (tx: TextScope) => Promise<T>): Promise<T> {
    const { dice, commitOutside, onEnd } = this.#init;
    const outside: OffsetToCommit[] = [];
    const keep = async (offsets: readonly OffsetToCommit[]): Promise<void> => void outside.push(...offsets);
    try {
      const result = await super.transaction(async (tx) => {
        const worked = await work(commitOutside === undefined ? tx : { ...tx, sendOffsets: keep });
        if (dice.chance(ABORTS)) throw new ChangedMindError();
        return worked;
      });
      await commitOutside?.(outside);
      onEnd(true);
      return result;
    } catch (error) {
      onEnd(false);
      throw error;
    }
  }
}

/** Passes on what comes to its level, until it is told to leave. What only new clients can get over it gets over with new ones. */
export class EtlMember {
  readonly #plan: MemberPlan;
  readonly #runtime: Runtime;
  readonly #dice: Dice;
  readonly #troubles = new Map<string, number>();
  #consumer: Consumer<Text, Text> | undefined;
  #producer: Producer<Text, Text> | undefined;
  #committed = 0;
  #aborted = 0;
  #lives = 0;
  #rebalances = 0;
  #failure: string | undefined;
  #stallMs = 0;
  #isOver = false;
  #living: Promise<void> = Promise.resolve();

  constructor(plan: MemberPlan, runtime: Runtime) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#dice = new Dice(plan.seed);
  }

  get report(): MemberReport {
    return {
      committed: this.#committed,
      aborted: this.#aborted,
      renewed: Math.max(0, this.#lives - 1),
      rebalances: this.#rebalances,
      troubles: Object.fromEntries(this.#troubles),
      failure: this.#failure,
    };
  }

  start(): void {
    this.#living = this.#live();
  }

  /** Resolves when it has left, which it does when what it has in hand is passed on. */
  leave(): Promise<void> {
    this.#isOver = true;
    return this.#living;
  }

  /** Within the next transaction, for so long. */
  stall(ms: number): void {
    this.#stallMs = ms;
  }

  /** Nothing is finished. */
  async drop(): Promise<void> {
    this.#isOver = true;
    await Promise.all([this.#producer?.close({ timeoutMs: 0 }), this.#consumer?.close({ timeoutMs: 0, autocommit: false })]);
    await this.#living;
  }

  async #live(): Promise<void> {
    while (!this.#isOver && this.#failure === undefined) {
      this.#lives++;
      try {
        await this.#liveOnce();
      } catch (error) {
        if (!this.#isOver) this.#trouble(error);
        await this.#pause(AGAIN_MS);
      }
    }
  }

  async #liveOnce(): Promise<void> {
    const { level } = this.#plan;
    const consumer = new Consumer<Text, Text>(this.#consumerOptions(), this.#runtime);
    const producer = this.#newProducer(consumer);
    this.#consumer = consumer;
    this.#producer = producer;
    try {
      consumer.subscribe(level.from);
      await producer.initTransactions();
      const transform = (records: readonly ConsumerRecord<Text, Text>[]): Promise<readonly ProducerRecord<Text, Text>[]> =>
        this.#transform(records);
      await transformOnce({ consumer, producer, to: level.to, transform, isOver: () => this.#isOver });
    } finally {
      this.#rebalances += consumer.rebalances().length;
      // An open transaction would keep those who come next waiting.
      await producer.close({ timeoutMs: CLOSE_MS });
      await consumer.close({ timeoutMs: CLOSE_MS });
    }
  }

  async #transform(records: readonly ConsumerRecord<Text, Text>[]): Promise<readonly ProducerRecord<Text, Text>[]> {
    const stallMs = this.#stallMs;
    this.#stallMs = 0;
    if (stallMs > 0) await this.#pause(stallMs);
    else if (this.#dice.chance(WORKS)) await this.#pause(this.#dice.integer(MOST_WORK_MS));
    return records.map(({ key, value }) => ({ key, value: passedOn(value, this.#plan.name) }));
  }

  #newProducer(consumer: Consumer<Text, Text>): Producer<Text, Text> {
    const { bootstrapServers, clientId, name: transactionalId, timing, plant } = this.#plan;
    const { transactionTimeoutMs } = timing;
    const serializers = { keySerializer: strings, valueSerializer: strings };
    const options = { bootstrapServers, clientId, transactionalId, transactionTimeoutMs, ...serializers };
    return new MemberProducer(options, this.#runtime, {
      dice: this.#dice,
      commitOutside: plant === "outside" ? (offsets) => consumer.commit(offsets) : undefined,
      onEnd: (isCommitted) => void (isCommitted ? this.#committed++ : this.#aborted++),
    });
  }

  #consumerOptions(): ConsumerOptions<Text, Text> {
    const { bootstrapServers, clientId, level, timing, plant } = this.#plan;
    const { sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs } = timing;
    return {
      bootstrapServers,
      clientId,
      groupId: level.group,
      ...(level.protocol === "consumer"
        ? { groupProtocol: "consumer" }
        : { partitionAssignmentStrategy: level.protocol, sessionTimeoutMs, heartbeatIntervalMs }),
      maxPollIntervalMs,
      autoOffsetReset: "earliest",
      enableAutoCommit: false,
      isolationLevel: plant === "uncommitted" ? "read_uncommitted" : "read_committed",
      maxPollRecords: MOST_RECORDS,
      keyDeserializer: strings,
      valueDeserializer: strings,
    };
  }

  #trouble(error: unknown): void {
    if (!(error instanceof KafkaError)) {
      this.#failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return;
    }
    this.#troubles.set(error.code, (this.#troubles.get(error.code) ?? 0) + 1);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#runtime.clock.schedule(ms, resolve));
  }
}
