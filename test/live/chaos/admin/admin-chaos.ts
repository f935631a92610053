// Admin calls without end against three real nodes, one of which always has something the matter with it.

import { Admin, type AdminOptions } from "../../../../src/index.ts";
import { Dice } from "../../../simulation/world/dice.ts";
import type { KafkaCluster } from "../../../support/kafka/kafka-cluster.ts";
import { BLOWS } from "../blows.ts";
import { Dealer, type DealtBlow, type PlannedBlow } from "../dealer.ts";
import { CONTROLLER, NO_CONTROLLER } from "../targets.ts";
import { Caller } from "./caller.ts";
import { type OwnTopic, type Verdict, verify } from "./own-topics.ts";
import { WatchedCalls } from "./watched-calls.ts";

export interface AdminChaosOptions {
  readonly seed: number;
  readonly blows: Iterable<PlannedBlow>;
  /** No more blows are dealt after this. */
  readonly forMs: number;
  readonly onEvent?: (what: string) => void;
}

export interface AdminChaosResult {
  readonly calls: WatchedCalls;
  readonly blows: readonly DealtBlow[];
  readonly topics: readonly OwnTopic[];
  readonly verdict: Verdict;
}

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
    { blow, at: CONTROLLER },
    { blow, at: NO_CONTROLLER },
  ]);
  for (;;) for (const kind of dice.some(kinds, kinds.length)) yield { ...kind, forMs: dice.between(2000, 5000) };
}

export async function runAdminChaos(cluster: KafkaCluster, options: AdminChaosOptions): Promise<AdminChaosResult> {
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
