// Deals one blow after the other, each to one node, and waits until the cluster has got over it.

import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../simulation/world/dice.ts";
import type { KafkaCluster } from "../../support/kafka/kafka-cluster.ts";
import type { Blow } from "./blows.ts";
import type { Target } from "./targets.ts";

export interface PlannedBlow {
  readonly blow: Blow;
  readonly at: Target;
  readonly forMs: number;
}

export interface DealOptions {
  readonly blows: Iterable<PlannedBlow>;
  /** No more blows are dealt after this. */
  readonly forMs: number;
  /** Told of what was struck, and when the cluster has got over it. */
  readonly onEvent?: ((what: string) => void) | undefined;
  /** What the cluster must get over besides, before the next blow. */
  readonly recovered?: (() => Promise<void>) | undefined;
}

/** A blow that was dealt. Times are those of `performance.now()`. */
export interface DealtBlow {
  readonly name: string;
  readonly what: string;
  readonly struckMs: number;
  /** When all nodes knew each other again. */
  readonly healedMs: number;
}

const HEALTHY_MS = 1500;

export class Dealer {
  readonly dealt: DealtBlow[] = [];
  readonly #cluster: KafkaCluster;
  readonly #dice: Dice;
  /** When a blow was over last: never, if one is under way. */
  #disturbedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(cluster: KafkaCluster, dice: Dice) {
    this.#cluster = cluster;
    this.#dice = dice;
  }

  isDisturbedSince(startedMs: number): boolean {
    return startedMs <= this.#disturbedUntilMs;
  }

  async deal({ blows, forMs, onEvent, recovered }: DealOptions): Promise<void> {
    const untilMs = performance.now() + forMs;
    await pause(HEALTHY_MS);
    for (const { blow, at, forMs: lastsMs } of blows) {
      if (performance.now() >= untilMs) break;
      const node = await at.choose(this.#cluster, this.#dice);
      const what = `node ${node.id}${at.title === undefined ? "" : `, ${at.title},`} ${blow.name}`;
      onEvent?.(what);
      const struckMs = performance.now();
      this.#disturbedUntilMs = Number.POSITIVE_INFINITY;
      await blow.strike(node);
      await pause(lastsMs);
      await blow.undo(node);
      await this.#cluster.awaitReady();
      await recovered?.();
      this.#disturbedUntilMs = performance.now();
      this.dealt.push({ name: blow.name, what, struckMs, healedMs: this.#disturbedUntilMs });
      onEvent?.(`all is well again after ${((this.#disturbedUntilMs - struckMs) / 1000).toFixed(1)} s`);
      await pause(HEALTHY_MS);
    }
  }
}
