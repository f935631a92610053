import { type KafkaRelease, LATEST_RELEASE, type NetworkWeather, releases } from "../../../src/broker/index.ts";
import type { Dice } from "./dice.ts";

/** What a seed decides before anything happens. */
export interface Scenario {
  readonly nodes: number;
  readonly release: KafkaRelease;
  readonly autoCreateTopics: boolean;
  /** The topics to begin with: partitions by name. */
  readonly topics: ReadonlyMap<string, number>;
  /** All names that anybody will ever use. */
  readonly topicNames: readonly string[];
  readonly weather: NetworkWeather;
  readonly faults: number;
  readonly mostMsBetweenFaults: number;
  /** About how long faults will strike: whoever wants to be hit has to be there. */
  readonly stormMs: number;
}

const TOPIC_NAMES = ["orders", "payments", "refunds", "stock", "prices", "audit.log", "clicks", "metrics-5m"] as const;

/** Brokers before this one are what `apiVersion` is for; `npm run matrix` has those that clients still meet. */
const OLDEST_RELEASE: KafkaRelease = "0.11";

export function drawScenario(dice: Dice): Scenario {
  const topicNames = dice.some(TOPIC_NAMES, dice.between(3, TOPIC_NAMES.length));
  const initial = topicNames.slice(0, dice.between(1, topicNames.length));
  const recent = releases.slice(releases.indexOf(OLDEST_RELEASE));
  const faults = dice.chance(0.1) ? 0 : dice.between(2, 16);
  const mostMsBetweenFaults = dice.pick([200, 1000, 4000]);
  return {
    nodes: dice.weighted(NODES).value,
    release: dice.chance(0.65) ? LATEST_RELEASE : dice.pick(recent),
    autoCreateTopics: dice.chance(0.3),
    topics: new Map(initial.map((name) => [name, dice.between(1, 4)])),
    topicNames,
    weather: drawWeather(dice),
    faults,
    mostMsBetweenFaults,
    stormMs: Math.round((faults * mostMsBetweenFaults) / 2),
  };
}

const NODES = [
  { value: 1, weight: 2 },
  { value: 2, weight: 1 },
  { value: 3, weight: 5 },
  { value: 4, weight: 1 },
  { value: 5, weight: 1 },
] as const;

export function drawWeather(dice: Dice): NetworkWeather {
  const least = dice.pick([0, 0, 1, 5]);
  return {
    // Always some latency, be it 0 ms: then what arrives is a timer's doing, and the world is looked at before the next.
    latencyMs: [least, least + dice.pick([0, 1, 10, 50, 200])],
    splitChance: dice.pick([0, 0.1, 0.5]),
    cutChance: dice.pick([0, 0, 0, 0.002, 0.01, 0.03]),
  };
}

/** When the faults are over. */
export const FAIR_WEATHER: NetworkWeather = { latencyMs: [0, 5], splitChance: 0, cutChance: 0 };
