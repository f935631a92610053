import type { NodeConfigs } from "../broker-configs.ts";
import {
  type ConfigSynonym,
  DEFAULT_SOURCE,
  DYNAMIC_BROKER_SOURCE,
  DYNAMIC_DEFAULT_BROKER_SOURCE,
  STATIC_BROKER_SOURCE,
} from "./config-resource.ts";

/** Every place that gives a broker's configuration a value, strongest first. */
export function brokerSynonyms(configs: NodeConfigs, name: string): readonly ConfigSynonym[] {
  const places = [
    [configs.dynamic.get(name), DYNAMIC_BROKER_SOURCE],
    [configs.cluster.dynamic.get(name), DYNAMIC_DEFAULT_BROKER_SOURCE],
    [configs.cluster.startedWith.get(name), STATIC_BROKER_SOURCE],
    [configs.cluster.defaultOf(name), DEFAULT_SOURCE],
  ] as const;
  return places.flatMap(([value, source]) => (typeof value === "string" ? [{ name, value, source }] : []));
}

/** With those in larger units behind. Kafka does not mention their defaults until one of them is set. */
export function synonymsWithCoarser(configs: NodeConfigs, name: string, coarser: readonly string[]): readonly ConfigSynonym[] {
  const all = [name, ...coarser].flatMap((synonym) => brokerSynonyms(configs, synonym));
  const onlyByDefault = coarser.length > 0 && all.every(({ source }) => source === DEFAULT_SOURCE);
  return onlyByDefault ? [] : all;
}
