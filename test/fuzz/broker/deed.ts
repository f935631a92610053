// What clients of a random life do: one request or two, and to which node they belong.

import type { Cluster } from "../../../src/broker/cluster/cluster.ts";
import type { EmbeddedBroker, HeldClock } from "../../../src/broker/index.ts";
import type { ApiName, apis, Draft, RequestOf, ResponseOf } from "../../../src/protocol/index.ts";
import type { Random } from "../random.ts";

export const TOPICS: readonly string[] = ["t0", "t1", "t2"];
export const GROUPS: readonly string[] = ["g0", "g1"];
export const IDS: readonly string[] = ["x0", "x1"];

export type Ask = <Name extends ApiName>(
  name: Name,
  body: Draft<RequestOf<(typeof apis)[Name]>>,
  version?: number,
) => Promise<ResponseOf<(typeof apis)[Name]>>;

/** What is done, and the node that it should be asked of: -1 for any. Most clients go there; not all. */
export type Deed = readonly [rightNode: number, run: (ask: Ask) => Promise<unknown>];

export interface Setting {
  readonly broker: EmbeddedBroker;
  readonly clock: HeldClock;
  readonly cluster: Cluster;
  readonly random: Random;
  /** Something was done without an error. */
  count(what: string): void;
}

export function leaderOf({ cluster }: Setting, topic: string, index: number): number {
  return cluster.topics.get(topic)?.partition(index)?.leaderId ?? -1;
}

export function coordinatorOf({ broker }: Setting, kind: "group" | "transaction", key: string | null | undefined): number {
  return key == null ? -1 : broker.coordinatorOf(kind, key);
}

/** The last eight. */
export function remember<T>(all: T[], one: T): void {
  all.push(one);
  if (all.length > 8) all.shift();
}
