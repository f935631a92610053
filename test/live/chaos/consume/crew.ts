// The members of all groups, in several processes, and what befalls them.

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { Act } from "./acts.ts";
import { type GroupRole, memberSpec } from "./cast.ts";
import { Host } from "./host.ts";

export interface CrewInit {
  readonly bootstrapServers: string;
  readonly roles: readonly GroupRole[];
  /** Processes, with a member of each group. */
  readonly hosts?: number | undefined;
  /** Of journals. */
  readonly folder: string;
  readonly dice: Dice;
  /** What befalls members, drawn for each process. */
  readonly drawActs: (dice: Dice) => Iterable<Act>;
  readonly onEvent?: ((what: string) => void) | undefined;
}

const HOSTS = 3;
const QUIET_MS = [1000, 6000] as const;

/** A process, and who comes in its place. */
export class Slot {
  readonly dice: Dice;
  /** One of each process: the last line of one that was killed may be cut off. */
  readonly journals: string[] = [];
  readonly #crew: CrewInit;
  readonly #name: string;
  readonly #violations: string[];
  #host: Host | undefined;
  #incarnations = 0;

  constructor(crew: CrewInit, name: string, violations: string[]) {
    this.dice = crew.dice.fork();
    this.#crew = crew;
    this.#name = name;
    this.#violations = violations;
  }

  get roles(): readonly GroupRole[] {
    return this.#crew.roles;
  }

  /** With a member of each group. */
  async start(): Promise<void> {
    const journal = join(this.#crew.folder, `${this.#name}-${this.journals.length + 1}`);
    this.journals.push(journal);
    this.#host = await Host.start(journal, (what) => this.#violations.push(what));
    for (const role of this.roles) this.join(role);
  }

  /** @returns its name */
  join(role: GroupRole, isExtra = false): string {
    const slot = isExtra ? `${role.name}-${this.#name}-extra` : `${role.name}-${this.#name}`;
    const member = `${slot}.${++this.#incarnations}`;
    this.host.begin(memberSpec(this.dice, { bootstrapServers: this.#crew.bootstrapServers, role, slot, member }));
    return member;
  }

  get host(): Host {
    if (this.#host === undefined) throw new Error(`${this.#name} does not run`);
    return this.#host;
  }

  memberOf(role: GroupRole): string {
    const found = [...this.host.members.values()].find(({ group }) => group === role.name);
    if (found === undefined) throw new Error(`${this.#name} has no member of ${role.name}`);
    return found.member;
  }

  async close(member: string): Promise<void> {
    if (!(await this.host.close(member))) this.#violations.push(`${member} was not closed in time`);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.host.members.keys()].map((member) => this.close(member)));
    await this.kill();
  }

  async kill(): Promise<void> {
    await this.#host?.kill();
    this.#host = undefined;
  }

  tell(what: string): void {
    this.#crew.onEvent?.(`members ${this.#name} ${what}`);
  }
}

export class Crew {
  readonly violations: string[] = [];
  readonly counts: Map<string, number> = new Map();
  readonly #init: CrewInit;
  readonly #slots: readonly Slot[];

  constructor(init: CrewInit) {
    this.#init = init;
    this.#slots = Array.from({ length: init.hosts ?? HOSTS }, (_, index) => new Slot(init, String(index + 1), this.violations));
  }

  get journals(): readonly string[] {
    return this.#slots.flatMap(({ journals }) => journals);
  }

  async start(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.start()));
  }

  /** Until it is over, and everybody is there again. */
  async act(isOver: () => boolean): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#befall(slot, isOver)));
  }

  /** They leave their groups. */
  async close(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.closeAll()));
  }

  /** However it has ended. */
  async kill(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.kill()));
  }

  async #befall(slot: Slot, isOver: () => boolean): Promise<void> {
    for (const act of this.#init.drawActs(slot.dice)) {
      await pause(slot.dice.between(...QUIET_MS));
      if (isOver()) return;
      slot.tell(act.name);
      this.counts.set(act.name, (this.counts.get(act.name) ?? 0) + 1);
      await act.play(slot);
    }
  }
}
