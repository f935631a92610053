import { Admin } from "../../../../src/client/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import type { CallLimits, SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import type { Chapter } from "../chapter.ts";
import { adminActs } from "./admin-acts.ts";
import { adminCheckers } from "./admin-checkers.ts";
import { Recovery } from "./admin-recovery.ts";
import { drawAdminOptions, recoveryLimitMs } from "./admin-settings.ts";
import { KnownOffsets } from "./known-offsets.ts";

interface Employed {
  readonly client: SimulatedClient<Admin>;
  readonly recoveryMs: number;
}

/** Administrators, each with several calls at once: what all clients stand on (connections, metadata, retries) has to carry them. */
export class AdminChapter implements Chapter {
  readonly name = "admin";
  readonly faults: readonly FaultKind[] = [];
  readonly checkers: readonly Checker[] = adminCheckers;
  readonly #offsets = new KnownOffsets();
  readonly #employed: Employed[] = [];

  prepare(world: World): Promise<void> {
    return this.#offsets.fill(world);
  }

  async live(world: World, dice: Dice): Promise<void> {
    const count = dice.between(1, 3);
    await Promise.all(Array.from({ length: count }, () => this.#career(world, dice.fork())));
  }

  async recover(world: World): Promise<void> {
    const left = this.#employed.filter(({ client }) => !client.isClosing);
    await Promise.all(left.map(({ client, recoveryMs }) => new Recovery(world, client, this.#offsets, recoveryMs).check()));
  }

  /** A client's life, and its successor's if it is closed in the middle of it. */
  async #career(world: World, dice: Dice): Promise<void> {
    const client = this.#employ(world, dice);
    if (!dice.chance(0.25)) return this.#work(world, client, dice);
    const working = this.#work(world, client, dice.fork());
    await world.wait(dice.integer(dice.pick([100, 3000, 20_000])));
    await client.close();
    await working;
    return dice.chance(0.5) ? this.#work(world, this.#employ(world, dice), dice) : undefined;
  }

  #employ(world: World, dice: Dice): SimulatedClient<Admin> {
    const clientDice = dice.fork();
    let recoveryMs = 0;
    const client = world.addClient("admin", (runtime, clientId) => {
      const options = drawAdminOptions(world, clientDice, clientId);
      recoveryMs = recoveryLimitMs(options);
      world.journal.note(clientId, `is made: ${JSON.stringify(options)}`);
      return new Admin(options, runtime);
    });
    this.#employed.push({ client, recoveryMs });
    return client;
  }

  async #work(world: World, client: SimulatedClient<Admin>, dice: Dice): Promise<void> {
    const lanes = dice.between(1, 3);
    const acts = dice.between(2, 7);
    const mostPauseMs = dice.pick([20, 300, 3000]);
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        const laneDice = dice.fork();
        for (let count = 0; count < acts; count++) {
          await world.wait(10 + laneDice.integer(mostPauseMs));
          const wasClosed = client.isClosed;
          await laneDice
            .weighted(adminActs)
            .act({ world, client, dice: laneDice, limits: drawLimits(laneDice), offsets: this.#offsets });
          // One call more than there should be: it must be told so.
          if (wasClosed) return;
        }
      }),
    );
  }
}

function drawLimits(dice: Dice): CallLimits {
  const timeoutMs = dice.pick([50, 500, 3000, 15_000, 15_000, 40_000]);
  return { timeoutMs, abortAfterMs: dice.chance(0.15) ? dice.integer(timeoutMs) : undefined };
}
