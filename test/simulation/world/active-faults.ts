import type { FaultKind } from "../faults/fault-kind.ts";
import type { Dice } from "./dice.ts";
import { FAIR_WEATHER } from "./scenario.ts";
import type { World } from "./world.ts";

const MOST_MS = 8000;

interface Active {
  readonly text: string;
  readonly end: () => void | Promise<void>;
}

/** The faults that hold at this moment. */
export class ActiveFaults {
  readonly #world: World;
  readonly #active = new Set<Active>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Lets faults strike, one after the other and each for a while, as often as the scenario says. */
  async rage(kinds: readonly FaultKind[], dice: Dice, most: number = this.#world.scenario.faults): Promise<void> {
    const { mostMsBetweenFaults } = this.#world.scenario;
    const own = drawKinds(kinds, dice);
    for (let count = 0; count < most; count++) {
      // Troubles come in company, too.
      if (!dice.chance(0.2)) await this.#world.wait(dice.integer(mostMsBetweenFaults));
      if (!this.#world.isStormy) return;
      await this.strike(dice.weighted(own), dice);
    }
  }

  /** Ends them all: the cluster is whole, and tells the truth. */
  async end(): Promise<void> {
    const { broker, journal } = this.#world;
    this.#world.isStormy = false;
    journal.note("faults", "all are over");
    for (const fault of this.#active) await this.#stop(fault);
    broker.faults.clear();
    for (const { id, isRunning } of broker.nodes) if (!isRunning) await broker.startNode(id);
    for (const { id } of broker.nodes) broker.thawMetadata(id);
    broker.network.weather = FAIR_WEATHER;
  }

  /** One fault, for a while that the dice say. */
  async strike(kind: FaultKind, dice: Dice, mostMs: number = MOST_MS): Promise<void> {
    const struck = await kind.strike(this.#world, dice);
    if (struck === undefined) return;
    this.#world.truth.look();
    this.#world.journal.note("faults", `${kind.name}: ${struck.text}`);
    const { end } = struck;
    if (end === undefined) return;
    const fault: Active = { text: `${kind.name}: ${struck.text}`, end };
    this.#active.add(fault);
    this.#world.clock.schedule(dice.between(1, mostMs), () => {
      this.#stop(fault).catch((error: unknown) => this.#world.violate("no surprise", `the end of ${fault.text}: ${String(error)}`));
    });
  }

  async #stop(fault: Active): Promise<void> {
    if (!this.#active.delete(fault)) return;
    this.#world.journal.note("faults", `over is ${fault.text}`);
    await fault.end();
    this.#world.truth.look();
  }
}

const FEWEST_KINDS = 2;
const MOST_KINDS = 7;

/** Half of all lives have few kinds of trouble, and so much of each: some bugs take the same thing several times, and nothing else. */
function drawKinds(kinds: readonly FaultKind[], dice: Dice): readonly FaultKind[] {
  return dice.chance(0.5) ? kinds : dice.some(kinds, dice.between(FEWEST_KINDS, MOST_KINDS));
}
