import type { Dice } from "../simulation/world/dice.ts";
import type { EtlGround, RunningMember } from "./etl-ground.ts";
import type { EtlLevel, EtlPlant, MemberReport } from "./etl-plan.ts";

/** What can happen to members; in the order in which nobody is missed for long. */
export const ACTS = ["die", "join", "freeze", "leave", "die", "stall", "join"] as const;
export type EtlAct = (typeof ACTS)[number];

const FIRST = 2;
const MOST = 4;
const COMES_BACK = 0.5;
/** So many times the longest that is forgiven. */
const TOO_LONG = 1.5;

/** The members of all levels, and what happens to them. */
export class EtlCrew {
  readonly reports: MemberReport[] = [];
  readonly #ground: EtlGround;
  readonly #levels: readonly EtlLevel[];
  readonly #dice: Dice;
  readonly #plant: EtlPlant | undefined;
  readonly #members = new Map<EtlLevel, RunningMember[]>();
  readonly #leaving = new Set<Promise<void>>();
  #names = 0;
  #begun = 0;

  constructor(ground: EtlGround, levels: readonly EtlLevel[], dice: Dice, plant: EtlPlant | undefined) {
    this.#ground = ground;
    this.#levels = levels;
    this.#dice = dice;
    this.#plant = plant;
    for (const level of levels) {
      this.#members.set(level, []);
      for (let count = 0; count < FIRST; count++) this.#begin(level, this.#newName(level));
    }
  }

  /** How many members there have been. */
  get begun(): number {
    return this.#begun;
  }

  /** Returns what it came to. */
  async act(act: EtlAct): Promise<string> {
    if (act === "join") {
      const level = this.#levelWithRoom();
      return `${this.#begin(level, this.#newName(level)).plan.name} joins`;
    }
    const level = this.#dice.pick(this.#levels);
    const member = this.#dice.pick(this.#of(level));
    const { name } = member.plan;
    const { sessionTimeoutMs, maxPollIntervalMs } = this.#ground.timing;
    switch (act) {
      case "die":
        return this.#die(member);
      case "leave":
        this.#gone(member);
        this.#leaves(member);
        this.#fill(level);
        return `${name} leaves`;
      case "freeze":
        member.freeze(sessionTimeoutMs * TOO_LONG);
        return `${name} is frozen`;
      case "stall":
        member.stall(maxPollIntervalMs * TOO_LONG);
        return `${name} takes too long`;
    }
  }

  /** Resolves when all are gone. */
  async end(): Promise<void> {
    for (const member of [...this.#members.values()].flat()) this.#leaves(member);
    this.#members.clear();
    await Promise.all(this.#leaving);
  }

  async #die(member: RunningMember): Promise<string> {
    const { name, level } = member.plan;
    this.#gone(member);
    const report = await member.die();
    if (report !== undefined) this.reports.push(report);
    const comesBack = this.#dice.chance(COMES_BACK);
    if (comesBack) this.#begin(level, name);
    this.#fill(level);
    return `${name} dies${comesBack ? ", and comes back" : ""}`;
  }

  #leaves(member: RunningMember): void {
    const leaving = member.leave().then((report) => {
      this.reports.push(report);
      this.#leaving.delete(leaving);
    });
    this.#leaving.add(leaving);
  }

  #begin(level: EtlLevel, name: string): RunningMember {
    const { timing, bootstrapServers } = this.#ground;
    const clientId = `${name}.${++this.#begun}`;
    const seed = this.#dice.integer(0x7fff_ffff);
    const member = this.#ground.begin({ name, clientId, bootstrapServers, level, timing, seed, plant: this.#plant });
    this.#of(level).push(member);
    return member;
  }

  #of(level: EtlLevel): RunningMember[] {
    return this.#members.get(level) ?? [];
  }

  #gone(member: RunningMember): void {
    const { level } = member.plan;
    this.#members.set(
      level,
      this.#of(level).filter((one) => one !== member),
    );
  }

  #fill(level: EtlLevel): void {
    if (this.#of(level).length === 0) this.#begin(level, this.#newName(level));
  }

  #newName({ group }: EtlLevel): string {
    return `${group}-${++this.#names}`;
  }

  /** Any, of those with room. */
  #levelWithRoom(): EtlLevel {
    const withRoom = this.#levels.filter((level) => this.#of(level).length < MOST);
    return this.#dice.pick(withRoom.length === 0 ? this.#levels : withRoom);
  }
}
