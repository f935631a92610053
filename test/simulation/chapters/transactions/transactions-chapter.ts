import { isSince } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { recoveryLimitMs } from "../admin/admin-settings.ts";
import type { Chapter } from "../chapter.ts";
import type { LateBatches } from "../producers/late-batches.ts";
import { answeredInTime } from "../producers/producer-checkers.ts";
import type { WriterOptions } from "../producers/producer-settings.ts";
import type { RecordBook } from "../producers/record-book.ts";
import type { Writer } from "../producers/writer.ts";
import { addedFirst } from "./added-first.ts";
import { CommittedOffsets } from "./committed-offsets.ts";
import { FIRST_RELEASE_WITHOUT_ADDING, partitionNotAdded, TRANSACTIONAL_IDS, transactionFaults } from "./transaction-faults.ts";
import { type Fate, TransactionalWriter } from "./transactional-writer.ts";

const BACK = "after the last fault transactions can be committed again";
const MOST_INCARNATIONS = 4;
const MOST_OWN_FAULTS = 8;
const RETRY_PAUSE_MS = 200;
/** The longest that a transaction stays open which nobody ends. */
const LONGEST_TRANSACTION_MS = 60_000;

/** Producers with transactions: ended well, badly or not at all, and followed, or pushed aside, by others of the same id. */
export class TransactionsChapter implements Chapter {
  readonly name = "transactions";
  readonly faults: readonly FaultKind[] = transactionFaults;
  readonly checkers: readonly Checker[];
  readonly #book: RecordBook;
  readonly #writers: TransactionalWriter[] = [];
  readonly #records: Writer[] = [];
  /**
   * All who share an id end transactions in one way. Where some do it with an epoch (KIP-890) and others without, brokers take the one who
   * was pushed aside for somebody who asks again, and hand him the epoch of his successor.
   */
  readonly #withoutNegotiation = new Set<string>();
  #offsets = new CommittedOffsets("");

  constructor(book: RecordBook, late: LateBatches) {
    this.#book = book;
    this.checkers = [
      answeredInTime(book, this.#records),
      addedFirst,
      late.checker,
      { rule: "offsets are those of committed transactions", watch: (world) => ({ atRest: () => this.#offsets.check(world) }) },
    ];
  }

  prepare(): Promise<void> {
    this.#offsets = new CommittedOffsets(this.#book.lasting[0]?.name ?? "");
    return Promise.resolve();
  }

  async live(world: World, dice: Dice): Promise<void> {
    const ids = TRANSACTIONAL_IDS.slice(0, dice.pick([0, 1, 1, 2]));
    for (const id of ids) if (dice.chance(0.1)) this.#withoutNegotiation.add(id);
    const careers = ids.map((id) => this.#careers(world, dice.fork(), id));
    const rivals = ids.flatMap((id) => (dice.chance(0.25) ? [this.#rival(world, dice.fork(), id)] : []));
    const isHard = ids.length > 0 && world.scenario.faults > 0 && dice.chance(0.3);
    const own = isHard ? [world.faults.rage(transactionFaults, dice.fork(), dice.between(2, MOST_OWN_FAULTS))] : [];
    await Promise.all([...careers, ...rivals, ...own, this.#additionsFail(world, dice, ids.length > 0)]);
  }

  async recover(world: World): Promise<void> {
    const ids = new Set(this.#writers.map(({ transactionalId }) => transactionalId));
    for (const id of ids) await this.#commitOnce(world, id);
    for (const { writer } of this.#writers) await closed(writer, world.forkDice());
  }

  /** Where producers add partitions themselves, that fails now and then, time and again. */
  async #additionsFail(world: World, dice: Dice, isUsed: boolean): Promise<void> {
    const { faults, release } = world.scenario;
    if (!isUsed || faults === 0 || isSince(release, FIRST_RELEASE_WITHOUT_ADDING) || dice.chance(0.5)) return;
    await world.faults.rage([partitionNotAdded], dice.fork(), dice.between(3, MOST_OWN_FAULTS));
  }

  /** One after the other, as processes that are restarted. */
  async #careers(world: World, dice: Dice, id: string): Promise<void> {
    let left = dice.between(2, 8);
    const mostPauseMs = dice.chance(0.4) ? world.scenario.stormMs / left : dice.pick([1, 500, 3000]);
    for (let incarnation = 0; incarnation < MOST_INCARNATIONS && left > 0 && world.isStormy; incarnation++) {
      const one = this.#employ(world, dice, id);
      if (await one.start(dice)) {
        for (; left > 0 && one.isUsable; left--) {
          await one.transact(dice, drawFate(dice));
          await world.wait(dice.integer(mostPauseMs + 1));
        }
      }
      if (left > 0) await closed(one.writer, dice);
    }
  }

  /** Takes the id over while another one is at work. */
  async #rival(world: World, dice: Dice, id: string): Promise<void> {
    await world.wait(dice.integer(dice.pick([500, 5000, 15_000])));
    const one = this.#employ(world, dice, id);
    if (await one.start(dice, 2)) await one.transact(dice, drawFate(dice));
    await closed(one.writer, dice);
  }

  #employ(world: World, dice: Dice, transactionalId: string): TransactionalWriter {
    const apiVersion = this.#withoutNegotiation.has(transactionalId) ? world.scenario.release : "auto";
    const settings = (drawn: WriterOptions): WriterOptions => ({ ...drawn, apiVersion });
    const one = new TransactionalWriter({ world, book: this.#book, offsets: this.#offsets, dice, transactionalId, settings });
    this.#writers.push(one);
    this.#records.push(one.writer);
    return one;
  }

  /** Who has the id last goes on; if he cannot, a successor must. */
  async #commitOnce(world: World, id: string): Promise<void> {
    const dice = world.forkDice();
    const limitMs = Math.max(...this.#writers.map(({ writer }) => recoveryLimitMs(writer.options))) + LONGEST_TRANSACTION_MS;
    const end = world.clock.monotonic() + limitMs;
    let one = this.#writers.findLast((writer) => writer.transactionalId === id);
    for (;;) {
      if (one?.isUsable !== true) {
        one = this.#employ(world, dice, id);
        if (!(await one.start(dice))) one.isDead = true;
      }
      if (one.isUsable && (await one.transact(dice, "commit")) === "committed") return;
      if (world.clock.monotonic() >= end) {
        world.violate(BACK, `${one.writer.clientId} with the id ${id} could not within ${limitMs} ms`);
        return;
      }
      if (!one.isUsable) await closed(one.writer, dice);
      await world.wait(RETRY_PAUSE_MS);
    }
  }
}

function drawFate(dice: Dice): Fate {
  return dice.weighted([
    { fate: "commit", weight: 14 },
    { fate: "abort", weight: 5 },
    { fate: "vanish", weight: 1 },
  ] as const).fate;
}

async function closed({ client, mostMs }: Writer, dice: Dice): Promise<void> {
  const timeoutMs = dice.pick([0, 0, 1000, 5000]);
  if (dice.chance(0.2)) await client.close({}, 2 * mostMs);
  else await client.close({ timeoutMs }, 2 * timeoutMs);
}
