import type { SerializedBytes, Serializer } from "../../../../src/client/serializers/serializer.ts";
import type { Dice } from "../../world/dice.ts";

const KINDS = ["none", "none", "none", "scratch", "turns", "slow", "mixed"] as const;
const MOST_TURNS = 4;
const SCRATCH_BYTES = 256;

/** One for keys or for values, or none: what is sent is text, and comes out as such, or as bytes. */
export function drawSerializer(dice: Dice, wait: (ms: number) => Promise<void>): DrawnSerializer | undefined {
  const kind = dice.pick(KINDS);
  const mostMs = dice.pick([0, 5, 50, 1000]);
  const failureChance = dice.pick([0, 0, 0, 0.02]);
  const own = dice.fork();
  return kind === "none" ? undefined : new DrawnSerializer({ kind, mostMs, failureChance }, own, wait);
}

interface Habits {
  /**
   * `scratch`: at once, and always into the same memory. `turns`, `slow`: by a promise, after some microtasks or some time. `mixed`: now this,
   * now that.
   */
  readonly kind: Exclude<(typeof KINDS)[number], "none">;
  readonly mostMs: number;
  readonly failureChance: number;
}

export class DrawnSerializer implements Serializer<SerializedBytes> {
  readonly #habits: Habits;
  readonly #dice: Dice;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);

  constructor(habits: Habits, dice: Dice, wait: (ms: number) => Promise<void>) {
    this.#habits = habits;
    this.#dice = dice;
    this.#wait = wait;
  }

  serialize(value: SerializedBytes): SerializedBytes | Promise<SerializedBytes> {
    const { failureChance } = this.#habits;
    const kind = this.#habits.kind === "mixed" ? this.#dice.pick(["scratch", "text", "turns", "slow"] as const) : this.#habits.kind;
    const fails = this.#dice.chance(failureChance);
    if (kind === "turns" || kind === "slow") return this.#later(value, kind, fails);
    if (fails) throw new Error("a value that cannot be written");
    return kind === "text" ? value : this.#inScratch(value);
  }

  /** For the journal. */
  toJSON(): Habits {
    return this.#habits;
  }

  async #later(value: SerializedBytes, kind: "turns" | "slow", fails: boolean): Promise<SerializedBytes> {
    if (kind === "slow") await this.#wait(this.#dice.integer(this.#habits.mostMs + 1));
    else for (let turns = this.#dice.integer(MOST_TURNS); turns > 0; turns--) await Promise.resolve();
    if (fails) throw new Error("a value that cannot be written");
    return typeof value === "string" && this.#dice.chance(0.5) ? Buffer.from(value) : value;
  }

  /** Whatever was in it before is gone: who still needs it should have copied it. */
  #inScratch(value: SerializedBytes): SerializedBytes {
    if (typeof value !== "string") return value;
    const length = Buffer.byteLength(value);
    if (length > SCRATCH_BYTES) return value;
    this.#scratch.fill(0x2a);
    this.#scratch.write(value);
    return this.#scratch.subarray(0, length);
  }
}
