// What befalls members: each act ends with everybody in his place again.

import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../../simulation/world/dice.ts";
import { BROKERS_SESSION_MS, SESSION_MS } from "./cast.ts";
import type { Slot } from "./crew.ts";

export interface Act {
  readonly name: string;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  readonly play: (slot: Slot) => Promise<void>;
}

type ActName = "killed" | "zombie" | "undead" | "stopped" | "restarted" | "closed" | "joined" | "resubscribed";

export const ACTS: Readonly<Record<ActName, Act>> = {
  killed: {
    name: "killed",
    weight: 3,
    play: async (slot) => {
      await slot.kill();
      // Before its group has noticed, or long after.
      await pause(slot.dice.between(0, SESSION_MS + 3000));
      await slot.start();
    },
  },
  // Somebody else reads on by then. What it is about to do is of no use any more, and must not be done.
  zombie: {
    name: "stopped for longer than their session",
    weight: 3,
    play: (slot) => stop(slot, SESSION_MS + 2500, SESSION_MS + 6000),
  },
  undead: {
    name: "stopped for longer than any session",
    weight: 1,
    play: (slot) => stop(slot, BROKERS_SESSION_MS + 2500, BROKERS_SESSION_MS + 5000),
  },
  stopped: { name: "stopped for a moment", weight: 1, play: (slot) => stop(slot, 500, SESSION_MS - 1000) },
  restarted: {
    name: "closed and restarted",
    weight: 2,
    play: async (slot) => {
      await slot.closeAll();
      await pause(slot.dice.between(0, 3000));
      await slot.start();
    },
  },
  closed: {
    name: "one closed",
    weight: 2,
    play: async (slot) => {
      const role = slot.dice.pick(slot.roles);
      await slot.close(slot.memberOf(role));
      await pause(slot.dice.between(0, 3000));
      slot.join(role);
    },
  },
  joined: {
    name: "one more for a while",
    weight: 2,
    play: async (slot) => {
      const member = slot.join(slot.dice.pick(slot.roles), true);
      await pause(slot.dice.between(2000, 8000));
      await slot.close(member);
    },
  },
  resubscribed: {
    name: "one left and came back",
    weight: 1,
    play: async (slot) => slot.host.resubscribe(slot.memberOf(slot.dice.pick(slot.roles))),
  },
};

/** For ever. */
export function* drawActs(dice: Dice): Generator<Act> {
  for (;;) yield dice.weighted(Object.values(ACTS));
}

async function stop(slot: Slot, leastMs: number, mostMs: number): Promise<void> {
  slot.host.stop(slot.dice.pick(["between", "in hand"]));
  await pause(slot.dice.between(leastMs, mostMs));
  await slot.host.continue();
}
