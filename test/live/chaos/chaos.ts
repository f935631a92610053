// Admin calls without end against three real nodes, one of which always has something the matter with it.

import { setTimeout as pause } from "node:timers/promises";
import { Admin, type AdminOptions } from "../../../src/index.ts";
import { Dice } from "../../simulation/world/dice.ts";
import type { KafkaCluster } from "../../support/kafka/kafka-cluster.ts";
import { BLOWS, type Blow } from "./blows.ts";
import { Caller } from "./caller.ts";
import { type OwnTopic, type Verdict, verify } from "./own-topics.ts";
import { WatchedCalls } from "./watched-calls.ts";

export interface PlannedBlow {
  readonly blow: Blow;
  readonly at: "controller" | "other";
  readonly forMs: number;
}

export interface ChaosOptions {
  readonly seed: number;
  readonly blows: Iterable<PlannedBlow>;
  /** No more blows are dealt after this. */
  readonly forMs: number;
  readonly onBlow?: (what: string) => void;
}

/** A blow that was dealt. Times are those of `performance.now()`. */
export interface DealtBlow {
  readonly what: string;
  readonly struckMs: number;
  /** When all nodes knew each other again. */
  readonly healedMs: number;
}

export interface ChaosResult {
  readonly calls: WatchedCalls;
  readonly blows: readonly DealtBlow[];
  readonly topics: readonly OwnTopic[];
  readonly verdict: Verdict;
}

const HEALTHY_MS = 1500;
const CALLERS_TO_A_CLIENT = 4;
/** As they come, and as somebody in a hurry would have them. */
const CLIENTS: readonly AdminOptions[] = [
  {},
  { requestTimeoutMs: 3000 },
  { requestTimeoutMs: 1000, socketConnectionSetupTimeoutMs: 500, reconnectBackoffMaxMs: 1000 },
];

/** Nine kinds of blows at the controller and at another node, in an order that the seed decides, for ever. */
export function* allBlows(seed: number): Generator<PlannedBlow> {
  const dice = new Dice(seed);
  const kinds = Object.values(BLOWS).flatMap((blow) => [
    { blow, at: "controller" as const },
    { blow, at: "other" as const },
  ]);
  for (;;) for (const kind of dice.some(kinds, kinds.length)) yield { ...kind, forMs: dice.between(2000, 5000) };
}

export async function runChaos(cluster: KafkaCluster, options: ChaosOptions): Promise<ChaosResult> {
  const dice = new Dice(options.seed);
  const calls = new WatchedCalls();
  const dealer = new Dealer(cluster, dice.fork());
  const admins = CLIENTS.map((client) => new Admin({ ...client, bootstrapServers: cluster.bootstrapServers }));
  const nodeIds = cluster.nodes.map(({ id }) => id);
  const isDisturbedSince = (startedMs: number): boolean => dealer.isDisturbedSince(startedMs);
  const callers = admins.flatMap((admin, client) =>
    Array.from({ length: CALLERS_TO_A_CLIENT }, (_, index) => {
      const name = `client-${client}-caller-${index}`;
      return new Caller({ name, admin, dice: dice.fork(), calls, nodeIds, isDisturbedSince });
    }),
  );
  let isOver = false;
  const work = callers.map(async (caller) => {
    while (!isOver) await caller.act();
  });
  try {
    await dealer.deal(options);
  } finally {
    isOver = true;
    await Promise.all(work);
    await Promise.all(admins.map((admin) => admin.close()));
  }
  const topics = callers.flatMap((caller) => caller.topics);
  await using witness = new Admin({ bootstrapServers: cluster.bootstrapServers });
  return { calls, blows: dealer.dealt, topics, verdict: await verify(witness, topics) };
}

class Dealer {
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

  async deal({ blows, forMs, onBlow }: ChaosOptions): Promise<void> {
    const untilMs = performance.now() + forMs;
    await pause(HEALTHY_MS);
    for (const { blow, at, forMs: lastsMs } of blows) {
      if (performance.now() >= untilMs) break;
      const controller = await this.#cluster.controller();
      const node = at === "controller" ? controller : this.#dice.pick(this.#cluster.nodes.filter(({ id }) => id !== controller.id));
      const what = `node ${node.id}${at === "controller" ? ", the controller," : ""} ${blow.name}`;
      onBlow?.(what);
      const struckMs = performance.now();
      this.#disturbedUntilMs = Number.POSITIVE_INFINITY;
      await blow.strike(node);
      await pause(lastsMs);
      await blow.undo(node);
      await this.#cluster.awaitReady();
      this.#disturbedUntilMs = performance.now();
      this.dealt.push({ what, struckMs, healedMs: this.#disturbedUntilMs });
      await pause(HEALTHY_MS);
    }
  }
}
