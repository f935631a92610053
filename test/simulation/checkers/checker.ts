import type { JournalEntry } from "../../../src/broker/index.ts";
import type { EndedCall } from "../world/call.ts";
import type { World } from "../world/world.ts";

/** A rule that must hold in every run. Each run gets a watch of its own, which tells the world when the rule is broken. */
export interface Checker {
  /** As a sentence: what a report names. */
  readonly rule: string;
  watch(world: World): Watch;
}

/** What a checker wants to be told of. */
export interface Watch {
  /** Between any two timers. */
  onStep?(): void;
  /** What a broker received, sent or did. */
  onEntry?(entry: JournalEntry): void;
  /** A client tries to connect. */
  onDial?(clientId: string, address: string): void;
  onCallEnd?(call: EndedCall): void;
  /** All clients are closed, and what was on its way has arrived. */
  atRest?(): void | Promise<void>;
}
