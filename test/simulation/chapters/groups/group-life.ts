import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { recoveryLimitMs } from "../admin/admin-settings.ts";
import type { GroupBook, PlaceBook } from "./group-book.ts";
import { Member } from "./member.ts";
import { batches, iterate, type MemberWay, poll, run } from "./member-ways.ts";

const BACK = "after the last fault a group reads everything that is there";
const WAYS: readonly (readonly MemberWay[])[] = [
  [poll],
  [poll],
  [poll],
  [iterate],
  [batches],
  [run],
  [run],
  [poll, iterate, batches, run],
];
const MOST_MEMBERS = 4;
const MOST_EVER = 12;
const LOOK_MS = 300;
/** A rebalance that waits for somebody who is not there any more. */
const REBALANCE_MS = 30_000;
/** Whoever reads what is committed waits for transactions that nobody ends. */
const LONGEST_TRANSACTION_MS = 75_000;
const LAST_CLOSE_MS = 10_000;

/** Who is in a group, from its beginning to its end. */
export class GroupLife {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #book: GroupBook;
  readonly #members: Member[] = [];
  readonly #work = new Map<Member, Promise<void>>();
  #ever = 0;
  #isOver = false;

  constructor(world: World, dice: Dice, book: GroupBook) {
    this.#world = world;
    this.#dice = dice;
    this.#book = book;
  }

  async live(lastsMs: number): Promise<void> {
    const dice = this.#dice;
    const endMs = this.#world.clock.monotonic() + lastsMs;
    const mostPauseMs = dice.pick([1000, 4000, 12_000]);
    while (this.#world.clock.monotonic() < endMs && this.#world.violations.length === 0) {
      await this.#act();
      await this.#world.wait(dice.integer(mostPauseMs));
    }
    this.#isOver = true;
    await Promise.all(this.#work.values());
  }

  /** Everything is read, and committed; all are closed then. */
  async recover(dice: Dice): Promise<void> {
    const world = this.#world;
    this.#isOver = false;
    for (const member of this.#members) this.#work.set(member, this.#reading(member, [poll], dice));
    if (this.#members.length === 0) this.#join(dice);
    const patienceMs = Math.max(...this.#members.map(({ options }) => recoveryLimitMs(options) + (options.metadataMaxAgeMs ?? 0)));
    const endMs = world.clock.monotonic() + patienceMs + REBALANCE_MS + LONGEST_TRANSACTION_MS;
    for (let left = await this.#behind(); left.length > 0; left = await this.#behind()) {
      if (world.violations.length > 0) return;
      if (world.clock.monotonic() > endMs) {
        world.violate(BACK, `${this.#book.plan.id} has not read ${left.join(", ")}`);
        return;
      }
      await world.wait(LOOK_MS);
    }
    this.#isOver = true;
    await Promise.all(this.#work.values());
    for (const member of this.#members) await member.close(LAST_CLOSE_MS, true);
  }

  async #act(): Promise<void> {
    const dice = this.#dice;
    const what = dice.integer(10);
    const [one] = dice.some(this.#members, 1);
    if (one === undefined || (what <= 3 && this.#members.length < MOST_MEMBERS)) {
      if (this.#ever < MOST_EVER) this.#join(dice);
    } else if (what <= 5) await this.#leave(one);
    else if (what <= 7) {
      this.#drop(one);
      one.die();
      await this.#work.get(one);
    }
  }

  #join(dice: Dice): void {
    this.#ever++;
    const member = new Member(this.#world, dice.fork(), this.#book);
    this.#members.push(member);
    this.#work.set(member, this.#reading(member, dice.pick(WAYS), dice.fork()));
  }

  async #leave(member: Member): Promise<void> {
    this.#drop(member);
    await this.#work.get(member);
    await member.close(this.#dice.pick([0, 500, 3000, 10_000]), false);
  }

  #drop(member: Member): void {
    this.#members.splice(this.#members.indexOf(member), 1);
  }

  /** Until it goes, or all is over. */
  async #reading(member: Member, ways: readonly MemberWay[], dice: Dice): Promise<void> {
    const mostPauseMs = dice.pick([1, 20, 200]);
    while (!this.#isOver && this.#members.includes(member) && this.#world.violations.length === 0) {
      await Promise.race([dice.pick(ways)(member), member.death]);
      await this.#world.wait(dice.integer(mostPauseMs + 1));
    }
  }

  /** The partitions whose end no member has come to. */
  async #behind(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const place of this.#book.places.values()) if (!(await this.#isRead(place))) left.push(place.name);
    return left;
  }

  async #isRead(place: PlaceBook): Promise<boolean> {
    const { topic, partition } = place;
    const end = (this.#world.broker.records(topic, partition).at(-1)?.offset ?? -1) + 1;
    for (const member of this.#members) {
      if (!member.tenures.has(place.name)) continue;
      const position = await member.position({ topic, partition });
      if (position === undefined || position < end) continue;
      place.end = end;
      return true;
    }
    return false;
  }
}
