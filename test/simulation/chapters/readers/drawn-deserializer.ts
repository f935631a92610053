import type { Deserializer } from "../../../../src/client/serializers/serializer.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { textOf } from "./shelf.ts";

const KINDS = ["none", "none", "none", "at once", "turns", "slow", "mixed"] as const;
const MOST_TURNS = 3;

/** One for keys or for values, or none: what is read becomes text. */
export function drawDeserializer(world: World, dice: Dice): DrawnDeserializer | undefined {
  const kind = dice.pick(KINDS);
  const mostMs = dice.pick([0, 1, 5]);
  const failureChance = dice.pick([0, 0, 0.01]);
  const own = dice.fork();
  return kind === "none" ? undefined : new DrawnDeserializer(world, { kind, mostMs, failureChance }, own);
}

interface Habits {
  readonly kind: Exclude<(typeof KINDS)[number], "none">;
  readonly mostMs: number;
  /** Somebody it depends on is down for the moment. */
  readonly failureChance: number;
}

export class DrawnDeserializer implements Deserializer<string | null> {
  readonly #world: World;
  readonly #habits: Habits;
  readonly #dice: Dice;

  constructor(world: World, habits: Habits, dice: Dice) {
    this.#world = world;
    this.#habits = habits;
    this.#dice = dice;
  }

  deserialize(bytes: Uint8Array | null): string | null | Promise<string | null> {
    const kind =
      this.#habits.kind === "mixed" ? this.#dice.pick(["at once", "at once", "turns", "slow"] as const) : this.#habits.kind;
    const fails = this.#dice.chance(this.#habits.failureChance) && this.#world.isStormy;
    if (kind !== "at once") return this.#later(bytes, kind, fails);
    if (fails) throw new Error("the registry is down");
    return bytes === null ? null : textOf(bytes);
  }

  /** For the journal. */
  toJSON(): Habits {
    return this.#habits;
  }

  async #later(bytes: Uint8Array | null, kind: "turns" | "slow", fails: boolean): Promise<string | null> {
    if (kind === "slow") await this.#world.wait(this.#dice.integer(this.#habits.mostMs + 1));
    else for (let turns = this.#dice.integer(MOST_TURNS); turns > 0; turns--) await Promise.resolve();
    if (fails) throw new Error("the registry is down");
    return bytes === null ? null : textOf(bytes);
  }
}
