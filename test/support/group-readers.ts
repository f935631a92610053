// Consumers that share the partitions of a group, in a cluster in memory on a held clock: each reads on its own, and notes what it was told.

import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import type { Clock, Timer } from "../../src/client/async/clock.ts";
import type {
  Consumer,
  ConsumerOptions,
  ConsumerRecord,
  RebalanceListener,
  SubscriptionPattern,
  TopicPartition,
} from "../../src/client/index.ts";
import { type ConsumerStage, consumerStage, GROUP, TOPIC, textOf } from "./consumer-stage.ts";

/** Time as a process sees it that was not let run for a while: it has passed, and no timer has run. */
class StallableClock implements Clock {
  readonly #clock: Clock;
  #stalledMs = 0;
  /** What became due while it was stopped. */
  #missed: (() => void)[] | undefined;
  /** How many of its timers wait. */
  timers = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.#stalledMs;
  }

  monotonic(): number {
    return this.#clock.monotonic() + this.#stalledMs;
  }

  schedule(delayMs: number, run: () => void): Timer {
    let isOver = false;
    const over = (): void => {
      if (!isOver) this.timers--;
      isOver = true;
    };
    this.timers++;
    const fire = (): void => {
      if (isOver) return;
      over();
      run();
    };
    const timer = this.#clock.schedule(delayMs, () => {
      if (this.#missed === undefined) fire();
      else this.#missed.push(fire);
    });
    const cancel = (): void => {
      over();
      timer.cancel();
    };
    return { cancel };
  }

  stall(ms: number): void {
    this.#stalledMs += ms;
  }

  stop(): void {
    this.#missed ??= [];
  }

  goOn(): void {
    const missed = this.#missed ?? [];
    this.#missed = undefined;
    for (const fire of missed) fire();
  }
}

const POLL_MS = 100;
/** Long enough for a rebalance that waits for nobody. */
const SETTLE_MS = 15_000;

export { GROUP, TOPIC };

export interface ReaderOptions extends Partial<ConsumerOptions> {
  readonly topics?: string | readonly string[] | RegExp | SubscriptionPattern;
  /** Done in each callback of the listener, with its name. */
  readonly inCallback?: (name: string, partitions: readonly TopicPartition[], consumer: Consumer) => unknown;
  /** Done with each record. */
  readonly each?: (record: ConsumerRecord) => unknown;
}

/** One member, and what happens to it. */
export class GroupReader {
  readonly name: string;
  readonly consumer: Consumer;
  /** `assigned 0,1`, `revoked 0`, `lost 1`, in order. */
  readonly told: string[] = [];
  /** `partition/offset value`, in order. */
  readonly read: string[] = [];
  /** Codes of what was thrown. */
  readonly errors: string[] = [];
  readonly #each: ReaderOptions["each"];
  readonly #clock: StallableClock;
  readonly #topics: string | readonly string[] | RegExp | SubscriptionPattern;
  readonly #listener: RebalanceListener;
  #isReading = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(name: string, consumer: Consumer, clock: StallableClock, { topics = TOPIC, inCallback, each }: ReaderOptions) {
    this.#clock = clock;
    this.name = name;
    this.consumer = consumer;
    this.#each = each;
    const note =
      (what: string) =>
      async (partitions: readonly TopicPartition[]): Promise<void> => {
        this.told.push(`${what} ${named(partitions)}`.trim());
        await inCallback?.(what, partitions, consumer);
      };
    this.#topics = topics;
    this.#listener = {
      onPartitionsAssigned: note("assigned"),
      onPartitionsRevoked: note("revoked"),
      onPartitionsLost: note("lost"),
    };
    consumer.subscribe(topics, this.#listener);
  }

  /** Leaves, and comes back at once. */
  resubscribe(): void {
    this.consumer.unsubscribe();
    this.consumer.subscribe(this.#topics, this.#listener);
  }

  get partitions(): readonly number[] {
    return this.consumer
      .assignment()
      .map(({ partition }) => partition)
      .sort((one, other) => one - other);
  }

  /** How many timers it has. */
  get timers(): number {
    return this.#clock.timers;
  }

  /** Its event loop stands still for so long, now. */
  block(ms: number): void {
    this.#clock.stall(ms);
  }

  /** Its timers do not run while time goes on for all others. */
  stopProcess(): void {
    this.#clock.stop();
  }

  /** What should have run meanwhile runs now. */
  continueProcess(): void {
    this.#clock.goOn();
  }

  /** Polls from now on. */
  start(): void {
    this.#isReading = true;
    this.#loop = this.#read();
  }

  /** What it has in hand is finished; then nobody reads. */
  stop(): Promise<void> {
    this.#isReading = false;
    return this.#loop;
  }

  async #read(): Promise<void> {
    while (this.#isReading) {
      try {
        for (const record of await this.consumer.poll({ timeoutMs: POLL_MS })) {
          this.read.push(`${record.partition}/${record.offset} ${textOf(record.value)}`);
          await this.#each?.(record);
        }
      } catch (error) {
        this.errors.push(error instanceof Error && "code" in error ? String(error.code) : String(error));
        if (this.errors.at(-1) === "CLOSED") return;
        await new Promise<void>((resolve) => this.#clock.schedule(POLL_MS, resolve));
      }
    }
  }
}

/** What they hold together, in order: twice what two of them hold. */
export function allOf(...readers: readonly GroupReader[]): readonly number[] {
  return readers.flatMap(({ partitions }) => partitions).sort((one, other) => one - other);
}

function named(partitions: readonly TopicPartition[]): string {
  const names = partitions.map(({ topic, partition }) => `${topic === TOPIC ? "" : `${topic}-`}${partition}`);
  return names.sort().join(",");
}

export class GroupReaders {
  readonly stage: ConsumerStage;
  readonly readers: GroupReader[] = [];

  constructor(stage: ConsumerStage) {
    this.stage = stage;
  }

  /** One more member, for which a test reads itself. */
  member(name: string, options: ReaderOptions = {}): GroupReader {
    const { topics: _topics, inCallback: _callback, each: _each, ...own } = options;
    const clock = new StallableClock(this.stage.clock);
    const consumer = this.stage.another({ clientId: name, groupId: GROUP, ...own }, clock);
    const reader = new GroupReader(name, consumer, clock, options);
    this.readers.push(reader);
    return reader;
  }

  /** One more, which polls from now on. */
  reader(name: string, options: ReaderOptions = {}): GroupReader {
    const reader = this.member(name, options);
    reader.start();
    return reader;
  }

  /** Writes so many records to each of the four partitions, one batch each: `v0`, `v1`, … */
  async write(count: number, from = 0): Promise<void> {
    for (let partition = 0; partition < 4; partition++) {
      const values = Array.from({ length: count }, (_, index) => `v${from + index}`);
      await this.stage.write(values, { partition });
    }
  }

  /** What the group has committed, by partition, as somebody else sees it. */
  async committed(): Promise<readonly (number | undefined)[]> {
    const outsider = this.stage.another({ groupId: GROUP, clientId: "outsider" });
    const places = [0, 1, 2, 3].map((partition) => ({ topic: TOPIC, partition }));
    const found = await this.stage.when(outsider.committed(places));
    return found.map((one) => one?.offset);
  }

  /** Until the members hold so many partitions each, in this order; no partition is held twice. */
  async untilShared(...shares: readonly number[]): Promise<void> {
    const isShared = (): boolean => this.readers.every(({ partitions }, index) => partitions.length === (shares[index] ?? 0));
    if (!(await this.stage.clock.runUntil(isShared, 120_000))) {
      const is = this.readers.map(({ name, partitions }) => `${name} ${partitions.join(",")}`);
      throw new Error(`not shared: ${is.join("; ")}`);
    }
  }

  /** Until that is so. */
  async until(isSo: () => boolean): Promise<void> {
    if (!(await this.stage.clock.runUntil(isSo, 600_000))) throw new Error("it has not come to that");
  }

  /** Time goes on until nothing is left to be done. */
  settle(ms: number = SETTLE_MS): Promise<void> {
    return this.stage.clock.advance(ms);
  }

  /** Somebody takes so long. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.stage.clock.schedule(ms, resolve));
  }

  /** What everybody has read, in order. */
  get read(): readonly string[] {
    return this.readers.flatMap(({ read }) => read).sort();
  }

  async stop(): Promise<void> {
    for (const reader of this.readers) await this.stage.when(reader.stop());
  }
}

/** For the test that calls it: four partitions; afterwards everything is closed, and must leave nothing. */
export async function groupReaders(cluster: EmbeddedBrokerOptions = {}): Promise<GroupReaders> {
  const stage = await consumerStage({}, { topics: { [TOPIC]: 4, others: 2 }, ...cluster });
  return new GroupReaders(stage);
}
