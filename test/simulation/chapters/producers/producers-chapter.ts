import { BrokerError } from "../../../../src/client/index.ts";
import { KafkaError } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import { produceFaults } from "../../faults/produce-faults.ts";
import type { Dice } from "../../world/dice.ts";
import { errorText } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { recoveryLimitMs } from "../admin/admin-settings.ts";
import type { Chapter } from "../chapter.ts";
import type { LateBatches } from "./late-batches.ts";
import { answeredInTime, exactRecords, undamaged } from "./producer-checkers.ts";
import type { RecordBook } from "./record-book.ts";
import { type Strain, strains } from "./strains.ts";
import { growTopics, recreateFleetingTopic } from "./topic-changes.ts";
import { Writer } from "./writer.ts";

const FLUSHED = "a flush is over when everything sent before it is answered";
const BACK = "after the last fault a producer writes again";
const MOST_STRAINING_FAULTS = 9;
const MEMORY = "when nothing is on its way, no memory is in use";

/** Producers without transactions: fast and slow, patient and not, with every way to send. */
export class ProducersChapter implements Chapter {
  readonly name = "producers";
  readonly faults: readonly FaultKind[];
  readonly checkers: readonly Checker[];
  readonly #book: RecordBook;
  readonly #writers: Writer[] = [];

  constructor(book: RecordBook, late: LateBatches) {
    this.#book = book;
    this.faults = [...produceFaults, recreateFleetingTopic];
    this.checkers = [answeredInTime(book, this.#writers), exactRecords(book, late), undamaged];
  }

  prepare(world: World): Promise<void> {
    this.#book.open(world);
    return Promise.resolve();
  }

  async live(world: World, dice: Dice): Promise<void> {
    const count = dice.pick([1, 1, 2]);
    const careers = Array.from({ length: count }, () => this.#career(world, dice.fork()));
    const strain = this.#strain(world, dice.fork(), dice.weighted(strains));
    await Promise.all([...careers, strain, growTopics(world, dice.fork(), this.#book)]);
  }

  async recover(world: World): Promise<void> {
    await Promise.all(this.#writers.map((writer) => this.#end(world, writer, world.forkDice())));
  }

  async #career(world: World, dice: Dice): Promise<void> {
    const writer = this.#employ(world, dice);
    const working = this.#work(writer, dice.fork());
    if (dice.chance(0.8)) return working;
    await world.wait(dice.integer(dice.pick([100, 3000, 10_000])));
    await this.#close(writer, dice);
    await working;
    await this.#work(this.#employ(world, dice), dice);
  }

  async #strain(world: World, dice: Dice, { faults, settings, bursts, mostRecords, mostPause }: Strain): Promise<void> {
    if (faults.length === 0 || world.scenario.faults === 0) return;
    const rage = world.faults.rage(faults, dice.fork(), dice.between(3, MOST_STRAINING_FAULTS));
    if (settings !== undefined) {
      const writer = this.#employ(world, dice, settings);
      const mostPauseMs = writer.options.requestTimeoutMs * mostPause;
      for (let count = 0; count < bursts; count++) {
        await world.wait(dice.integer(mostPauseMs));
        await writer.burst(dice, dice.between(1, mostRecords), writer.pickWay(dice));
      }
    }
    await rage;
  }

  #employ(world: World, dice: Dice, settings?: Strain["settings"]): Writer {
    const writer = new Writer({ world, book: this.#book, dice, ...(settings && { settings }) });
    this.#writers.push(writer);
    return writer;
  }

  async #work(writer: Writer, dice: Dice): Promise<void> {
    const bursts = dice.between(3, 14);
    const mostRecords = dice.pick([1, 8, 40]);
    const mostPauseMs = dice.chance(0.4) ? (2 * writer.world.scenario.stormMs) / bursts : dice.pick([0, 20, 300, 2000]);
    if (dice.chance(0.3)) this.#echo(writer, dice.fork());
    for (let count = 0; count < bursts && !writer.client.isClosed; count++) {
      await writer.world.wait(dice.integer(mostPauseMs + 1));
      const patience = {
        ...(dice.chance(0.1) && { timeoutMs: dice.pick([0, 50, 1000]) }),
        abortAfterMs: dice.chance(0.05) ? dice.integer(500) : undefined,
      };
      await writer.burst(dice, dice.between(1, mostRecords), writer.pickWay(dice), patience);
      if (writer.client.isClosed) return;
      if (dice.chance(0.15)) await this.#flush(writer, dice.pick([100, 2000, writer.mostMs + 10_000]), dice);
      else if (dice.chance(0.05)) await partitionsFor(writer, writer.pickTopic(dice).name);
    }
  }

  /** Some callbacks send another record. */
  #echo(writer: Writer, dice: Dice): void {
    let left = 20;
    writer.onAnswer = () => {
      if (left === 0 || writer.client.isClosing || !dice.chance(0.3)) return;
      left--;
      writer.produce(dice);
    };
  }

  async #flush(writer: Writer, timeoutMs: number, dice?: Dice): Promise<boolean> {
    const before = [...writer.unanswered.keys()];
    const limits = { timeoutMs, abortAfterMs: dice?.chance(0.1) === true ? dice.integer(timeoutMs) : undefined };
    const { outcome, title } = await writer.client.call("flush", {}, limits, (producer, options) => producer.flush(options));
    if (outcome.kind === "error") return false;
    const left = before.filter((id) => writer.unanswered.has(id));
    if (left.length > 0) writer.world.violate(FLUSHED, `${title()}: not answered are ${left.join(", ")}`);
    return true;
  }

  async #close(writer: Writer, dice: Dice): Promise<void> {
    const timeoutMs = dice.pick([0, 1000, 5000]);
    if (dice.chance(0.3)) await writer.client.close({}, writer.mostMs);
    else await writer.client.close({ timeoutMs }, timeoutMs);
    writer.onAnswer = undefined;
  }

  /** What it has sent is answered, it writes again, and its memory is free. */
  async #end(world: World, writer: Writer, dice: Dice): Promise<void> {
    const { client, options } = writer;
    if (client.isClosing) return;
    writer.onAnswer = undefined;
    await this.#flush(writer, writer.mostMs + 1000);
    await this.#findBack(world, writer, dice);
    // Requests that nobody waits for any more hold their memory until they are over.
    await world.wait(options.requestTimeoutMs + 1000);
    const { "buffer-available-bytes": available, "buffer-total-bytes": total } = client.client.metrics()["producer-metrics"] ?? {};
    if (available !== total) world.violate(MEMORY, `${writer.clientId}: ${available} of ${total} bytes are free`);
    await writer.burst(dice, dice.between(0, 5), writer.pickWay(dice));
    await this.#close(writer, dice);
  }

  async #findBack(world: World, writer: Writer, dice: Dice): Promise<void> {
    const end = world.clock.monotonic() + recoveryLimitMs(writer.options);
    for (;;) {
      const error = await writer.tryOne(dice);
      if (error === undefined || !isRetriable(error)) return;
      if (world.clock.monotonic() >= end) {
        if (!isNowhere(world, error)) world.violate(BACK, `${writer.clientId}: ${errorText(error)}`);
        return;
      }
      await world.wait(RETRY_PAUSE_MS);
    }
  }
}

const RETRY_PAUSE_MS = 100;

/** A topic that was deleted, and made anew by whoever came first, may have fewer partitions than before. */
function isNowhere({ broker }: World, error: unknown): boolean {
  const problem = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(problem instanceof BrokerError)) return false;
  const { topic, partition } = problem.context;
  const there = broker.topics.find(({ name }) => name === topic);
  return there !== undefined && partition !== undefined && partition >= there.partitions.length;
}

function isRetriable(error: unknown): boolean {
  return error instanceof KafkaError && error.retriable;
}

async function partitionsFor({ client, options }: Writer, topic: string): Promise<void> {
  const limits = { timeoutMs: options.maxBlockMs };
  await client.call("partitionsFor", topic, limits, (producer, callOptions) => producer.partitionsFor(topic, callOptions));
}
