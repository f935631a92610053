import { type LedgerTopic, RecordsLedger } from "../../../support/records-checker/records-ledger.ts";
import type { World } from "../../world/world.ts";

/** Topics that nobody deletes: whatever was acknowledged in them must be there in the end. */
const LASTING = ["ledger", "journal"] as const;
/** Deleted and made again, by whom it pleases: what is in it may be lost, but not doubled, mixed up, or kept quiet about. */
export const FLEETING = "fleeting";
/** They may get more partitions, up to this many. */
export const MOST_PARTITIONS = 6;

/** Everything that producers of a run have sent, and were told of it. One for all chapters: they write to the same logs. */
export class RecordBook {
  ledger: RecordsLedger = new RecordsLedger();
  lasting: readonly LedgerTopic[] = [];
  /** Of each, to begin with. */
  partitions = 0;
  fleeting: LedgerTopic | undefined;
  readonly #later: (() => void)[] = [];

  get topics(): readonly LedgerTopic[] {
    return this.ledger.topics;
  }

  open(world: World): void {
    const { seed, broker } = world;
    const dice = world.forkDice();
    this.ledger = new RecordsLedger(seed);
    this.lasting = LASTING.slice(0, dice.between(1, LASTING.length)).map((name) => this.ledger.addTopic(name, MOST_PARTITIONS));
    this.partitions = dice.between(1, 4);
    for (const { name } of this.lasting) {
      const mostBytes = dice.pick([0, 0, 0, 700, 2000]);
      const configs = mostBytes === 0 ? {} : { "max.message.bytes": String(mostBytes) };
      broker.createTopic(name, { partitions: this.partitions, configs });
    }
    if (!dice.chance(0.25)) return;
    this.fleeting = this.ledger.addTopic(FLEETING, MOST_PARTITIONS);
    broker.createTopic(FLEETING, dice.between(1, 3));
  }

  /** Enters at the end what was told out of order, and rightly so: a record that got no place, or whose sender gave up. */
  later(enter: () => void): void {
    this.#later.push(enter);
  }

  complete(): void {
    for (const enter of this.#later.splice(0)) enter();
  }
}
