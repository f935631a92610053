import { Producer } from "../../../../src/client/index.ts";
import type { Dice } from "../../world/dice.ts";
import type { SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { drawWriterOptions } from "../producers/producer-settings.ts";
import { DOOMED, HOPEFUL } from "./read-truth.ts";

export const SCRIBE_ID = "scribe";
const PLAIN = "plain";
const CALL_MS = 10_000;
const MOST_INCARNATIONS = 3;

export interface ScribeInit {
  readonly world: World;
  readonly dice: Dice;
  /** Where to: its number of partitions does not change. */
  readonly topic: string;
  readonly partitions: number;
  readonly transactionalId: string | undefined;
  /** Of a record; each has another. */
  readonly number: () => number;
  /** How many records he writes at once, at least and at most, if not a few. */
  readonly burst?: readonly [number, number];
}

const A_FEW: readonly [number, number] = [1, 8];

/** Fills a topic. What becomes of his records is in the log; nobody asks him. */
export class Scribe {
  readonly #init: ScribeInit;
  #client: SimulatedClient<Producer> | undefined;
  #incarnations = 0;

  constructor(init: ScribeInit) {
    this.#init = init;
  }

  async work(bursts: number, mostPauseMs: number): Promise<void> {
    const { world, dice, transactionalId, burst = A_FEW } = this.#init;
    for (let left = bursts; left > 0; left--) {
      if (transactionalId === undefined) this.#write(this.#client ?? this.#employ(), PLAIN, dice.between(...burst));
      else if (!(await this.#transact())) break;
      await world.wait(dice.integer(mostPauseMs + 1));
    }
    await this.#end();
  }

  /** A few records at once, and no more. */
  async fill(partition: number, count: number): Promise<void> {
    this.#write(this.#employ(), PLAIN, count, partition);
    await this.#end();
  }

  #employ(): SimulatedClient<Producer> {
    const { world, dice, transactionalId } = this.#init;
    this.#incarnations++;
    const own = dice.fork();
    const client = world.addClient("scribe", (runtime, clientId) => {
      const drawn = drawWriterOptions(world, own, clientId, transactionalId);
      return new Producer({ ...drawn, apiVersion: "auto" }, runtime);
    });
    this.#client = client;
    return client;
  }

  #write({ client }: SimulatedClient<Producer>, kind: string, count: number, to?: number): void {
    const { dice, topic, partitions, number } = this.#init;
    const partition = to ?? dice.integer(partitions);
    for (let left = count; left > 0; left--) {
      const padding = dice.pick([0, 0, 0, 100, 1500]);
      const value = `${kind} ${number()} ${"x".repeat(padding)}`;
      const key = dice.chance(0.7) ? `k${dice.integer(8)}` : null;
      client.send(topic, { value, key, partition }).catch(() => undefined);
    }
  }

  /** One of a few records, which is aborted as often as not. False when he cannot go on. */
  async #transact(): Promise<boolean> {
    const { dice } = this.#init;
    const client = await this.#ready();
    if (client === undefined) return false;
    const isDoomed = dice.chance(0.5);
    try {
      client.client.beginTransaction();
    } catch {
      return this.#giveUp();
    }
    for (let bursts = dice.between(1, 3); bursts > 0; bursts--) {
      this.#write(client, isDoomed ? DOOMED : HOPEFUL, dice.between(1, 4));
      if (dice.chance(0.2)) await this.#init.world.wait(dice.integer(100));
    }
    if (!isDoomed && (await this.#call(client, "commitTransaction"))) return true;
    return (await this.#call(client, "abortTransaction")) || this.#giveUp();
  }

  async #ready(): Promise<SimulatedClient<Producer> | undefined> {
    if (this.#client !== undefined) return this.#client;
    while (this.#incarnations < MOST_INCARNATIONS) {
      const client = this.#employ();
      if (await this.#call(client, "initTransactions")) return client;
      await this.#end();
    }
    return undefined;
  }

  async #call(
    client: SimulatedClient<Producer>,
    method: "initTransactions" | "commitTransaction" | "abortTransaction",
  ): Promise<boolean> {
    const ended = await client.call(method, {}, { timeoutMs: CALL_MS }, (producer, options) => producer[method](options));
    return ended.outcome.kind === "value";
  }

  async #giveUp(): Promise<boolean> {
    await this.#end();
    return this.#incarnations < MOST_INCARNATIONS;
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close({ timeoutMs: CALL_MS }, 2 * CALL_MS);
  }
}
