import type { Checker } from "../checkers/checker.ts";
import type { FaultKind } from "../faults/fault-kind.ts";
import type { Dice } from "../world/dice.ts";
import type { World } from "../world/world.ts";

/** A part of the simulation: who acts, what may go wrong for him, and what must hold. */
export interface Chapter {
  readonly name: string;
  readonly faults: readonly FaultKind[];
  readonly checkers: readonly Checker[];
  /** Before the first client, while the network is perfect: records to be found, for instance. */
  prepare?(world: World): Promise<void>;
  /** Lives while faults strike. Resolves when its actors have done what they wanted. */
  live?(world: World, dice: Dice): Promise<void>;
  /** After the last fault: everybody whose client is still open finds back, and sees what is true. */
  recover?(world: World): Promise<void>;
}
