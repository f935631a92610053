import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { recoveryLimitMs } from "../admin/admin-settings.ts";
import type { GroupBook, PlaceBook } from "./group-book.ts";
import { STRAYING_MS } from "./group-plan.ts";
import { Member } from "./member.ts";
import { batches, copy, iterate, type MemberWay, poll, run } from "./member-ways.ts";

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
/** In which records are handed out of a buffer one by one, with the user's work between them. */
const WAYS_OF_STRAYS: readonly (readonly MemberWay[])[] = [[poll, iterate, batches, run], [iterate], [run], [run]];
const MOST_MEMBERS = 4;
const MOST_EVER = 12;
const LOOK_MS = 300;
/** A rebalance that waits for somebody who is not there any more. */
const REBALANCE_MS = 30_000;
/** Whoever reads what is committed waits for transactions that nobody ends. */
const LONGEST_TRANSACTION_MS = 75_000;
const LAST_CLOSE_MS = 10_000;
/** Until a process that has ended is followed by another one. */
const RESTART_MS = 2000;

interface Act {
  readonly weight: number;
  readonly isPossible?: () => boolean;
  readonly act: (member: Member) => void | Promise<void>;
}

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
    const mostPauseMs = dice.pick(this.#book.plan.strays ? [4000, 12_000] : [1000, 4000, 12_000]);
    const comingAndGoing = this.#until(endMs, async () => {
      await this.#act();
      await this.#world.wait(dice.integer(mostPauseMs));
    });
    await Promise.all([comingAndGoing, this.#book.plan.strays ? this.#sendAstray(endMs, dice.fork()) : undefined]);
    this.#isOver = true;
    await Promise.all(this.#work.values());
  }

  /** One after the other is away for long, while there are others. */
  #sendAstray(endMs: number, dice: Dice): Promise<void> {
    for (let count = dice.between(2, 3); count > 0; count--) this.#join();
    return this.#until(endMs, async () => {
      await this.#world.wait(dice.between(1000, 4000));
      const others = this.#members.filter(({ isToStray }) => !isToStray);
      if (others.length < 2) {
        if (this.#hasRoom) this.#join();
        return;
      }
      for (const member of dice.some(others, 1)) member.isToStray = true;
      await this.#world.wait(STRAYING_MS[1]);
    });
  }

  async #until(endMs: number, act: () => Promise<void>): Promise<void> {
    while (this.#world.clock.monotonic() < endMs && this.#world.violations.length === 0) await act();
  }

  /** Everything is read, and committed; all are closed then. */
  async recover(dice: Dice): Promise<void> {
    const world = this.#world;
    this.#isOver = false;
    for (const member of this.#members) this.#begin(member, [poll], dice);
    if (this.#members.length === 0) this.#join();
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

  readonly #acts: readonly Act[] = [
    { weight: 4, isPossible: () => this.#hasRoom, act: () => this.#join() },
    { weight: 4, act: (member) => this.#leave(member) },
    { weight: 4, act: (member) => this.#die(member) },
    { weight: 2, act: (member) => member.subscribeAnew() },
    { weight: 1, act: (member) => this.#subscribeAnewAndLeave(member) },
    { weight: 3, isPossible: () => this.#book.plan.isStatic && this.#ever < MOST_EVER, act: (member) => this.#replace(member) },
    { weight: 4, act: () => undefined },
  ];

  async #act(): Promise<void> {
    const [member] = this.#dice.some(this.#members, 1);
    if (member === undefined) {
      if (this.#hasRoom) this.#join();
      return;
    }
    const possible = this.#acts.filter(({ isPossible }) => isPossible?.() !== false);
    await this.#dice.weighted(possible).act(member);
  }

  get #hasRoom(): boolean {
    return this.#members.length < MOST_MEMBERS && this.#ever < MOST_EVER;
  }

  #join(instanceId: string | undefined = this.#freeName()): void {
    this.#ever++;
    const dice = this.#dice.fork();
    const member = new Member(this.#world, dice, this.#book, instanceId);
    this.#members.push(member);
    this.#begin(member, this.#dice.pick(this.#book.plan.strays ? WAYS_OF_STRAYS : WAYS), dice.fork());
  }

  #freeName(): string | undefined {
    if (!this.#book.plan.isStatic) return undefined;
    const taken = new Set(this.#members.map(({ name }) => name));
    for (let number = 1; ; number++) if (!taken.has(`shepherd-${number}`)) return `shepherd-${number}`;
  }

  async #leave(member: Member): Promise<void> {
    this.#drop(member);
    await this.#work.get(member);
    await this.#close(member);
  }

  async #die(member: Member): Promise<void> {
    this.#drop(member);
    member.die();
    await this.#work.get(member);
  }

  async #subscribeAnewAndLeave(member: Member): Promise<void> {
    this.#drop(member);
    await this.#work.get(member);
    member.subscribeAnew();
    await this.#world.wait(this.#dice.integer(2));
    await this.#close(member);
  }

  /** Somebody else comes with its name, while it is there. */
  async #replace(member: Member): Promise<void> {
    this.#drop(member);
    this.#join(member.name);
    await this.#work.get(member);
    await this.#world.wait(this.#dice.pick([0, 500, 5000]));
    await this.#close(member);
  }

  #close(member: Member): Promise<void> {
    return member.close(this.#dice.pick([0, 500, 3000, 10_000]), false);
  }

  #drop(member: Member): void {
    this.#members.splice(this.#members.indexOf(member), 1);
  }

  #begin(member: Member, ways: readonly MemberWay[], dice: Dice): void {
    this.#work.set(member, this.#reading(member, this.#book.plan.copies ? [copy] : ways, dice));
  }

  /** Until it goes, or all is over. */
  async #reading(member: Member, ways: readonly MemberWay[], dice: Dice): Promise<void> {
    const mostPauseMs = dice.pick([1, 20, 200]);
    while (!this.#isOver && this.#members.includes(member) && this.#world.violations.length === 0) {
      await Promise.race([dice.pick(ways)(member), member.death]);
      if (member.isUseless && this.#members.includes(member)) this.#followed(member);
      await this.#world.wait(dice.integer(mostPauseMs + 1));
    }
  }

  /** It cannot go on: its process ends, and another one begins. */
  #followed(member: Member): void {
    member.note("cannot go on");
    this.#drop(member);
    this.#work.set(
      member,
      Promise.all([this.#work.get(member), this.#follow(member)]).then(() => undefined),
    );
  }

  async #follow(member: Member): Promise<void> {
    await this.#close(member);
    await this.#world.wait(RESTART_MS);
    if (!member.book.plan.isStatic) this.#join();
    else if (this.#members.every(({ name }) => name !== member.name)) this.#join(member.name);
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
      const tenure = member.tenures.get(place.name);
      if (tenure === undefined) continue;
      const position = await member.position({ topic, partition });
      if (position === undefined || position < end) continue;
      // What is not copied yet may be read again.
      if (this.#book.plan.copies && tenure.inHand.size > 0) continue;
      place.end = end;
      return true;
    }
    return false;
  }
}
