import type { Dice } from "../world/dice.ts";
import type { World } from "../world/world.ts";

/** A fault that struck. */
export interface StruckFault {
  /** What exactly it does, for the journal. */
  readonly text: string;
  /** Ends it; without it, it is over by itself. Called once. */
  readonly end?: () => void | Promise<void>;
}

/** Something that can go wrong. To add one, write it into a table of this folder. */
export interface FaultKind {
  readonly name: string;
  readonly weight: number;
  /** Makes it happen. Undefined when it does not fit in here and now. */
  strike(world: World, dice: Dice): StruckFault | undefined | Promise<StruckFault | undefined>;
}
