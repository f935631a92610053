// Both brokers, started and prepared, and what they have in common.

import { type AnyApi, type ApiName, apis } from "../../src/protocol/index.ts";
import { type BothBrokers, SIDES, type Side, startBothBrokers } from "./both-brokers.ts";
import { Comparison } from "./comparison.ts";
import { Conversation } from "./conversation.ts";
import { loadCoordinators, newTopic, produce } from "./preparations.ts";
import type { Stage } from "./script.ts";

export interface Offer {
  readonly brokers: BothBrokers;
  readonly comparison: Comparison;
  /** Versions that both offer. */
  readonly shared: ReadonlyMap<ApiName, readonly number[]>;
}

export async function openOffer(): Promise<Offer> {
  return offerOf(await startBothBrokers());
}

/** Stops the brokers if they cannot be prepared. */
export async function offerOf(brokers: BothBrokers): Promise<Offer> {
  try {
    const [embedded, kafka] = await Promise.all(SIDES.map((side) => stageOf(brokers, side)));
    if (embedded === undefined || kafka === undefined) throw new Error("a side is missing");
    const comparison = new Comparison(brokers, { embedded: embedded.stage, kafka: kafka.stage });
    return { brokers, comparison, shared: sharedVersions(embedded.offered, kafka.offered) };
  } catch (error) {
    await brokers.stop();
    throw error;
  }
}

type Ranges = ReadonlyMap<number, readonly [first: number, last: number]>;

async function stageOf(brokers: BothBrokers, side: Side): Promise<{ stage: Stage; offered: Ranges }> {
  const to = await Conversation.open(brokers.addresses[side], "stage");
  try {
    const { apiKeys } = await to.prepare("ApiVersions", 4, { clientSoftwareName: "kafkawire", clientSoftwareVersion: "0.1.0" });
    const offered = new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion] as const]));
    const topic = await newTopic(to, 2);
    await produce(to, topic);
    await loadCoordinators(to, topic);
    return { stage: { topic }, offered };
  } finally {
    await to.close();
  }
}

function sharedVersions(embedded: Ranges, kafka: Ranges): ReadonlyMap<ApiName, readonly number[]> {
  const shared = new Map<ApiName, readonly number[]>();
  for (const { name, key } of apis as readonly AnyApi[]) {
    const [ours, theirs] = [embedded.get(key), kafka.get(key)];
    if (ours === undefined || theirs === undefined) continue;
    const [first, last] = [Math.max(ours[0], theirs[0]), Math.min(ours[1], theirs[1])];
    shared.set(
      name as ApiName,
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
  }
  return shared;
}
