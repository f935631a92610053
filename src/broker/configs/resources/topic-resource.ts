import { type Refusal, refusal } from "../../cluster/refusal.ts";
import type { Topic } from "../../cluster/topic.ts";
import type { NodeConfigs } from "../broker-configs.ts";
import type { ConfigDefinition } from "../config-definition.ts";
import { checkedValue } from "../config-values.ts";
import { topicConfigTable } from "../topic-config-table.ts";
import { type TopicConfigDefinition, topicConfigDefinition, topicDefault } from "../topic-configs.ts";
import { synonymsWithCoarser } from "./broker-synonyms.ts";
import { type ConfigEntry, type ConfigResource, DEFAULT_SOURCE, TOPIC_SOURCE } from "./config-resource.ts";

/** A topic as the node sees it that was asked: where the topic has no value of its own, that node's decides. */
export class TopicResource implements ConfigResource {
  readonly #topic: Topic;
  readonly #node: NodeConfigs;

  constructor(topic: Topic, node: NodeConfigs) {
    this.#topic = topic;
    this.#node = node;
  }

  get settings(): ReadonlyMap<string, string> {
    return this.#topic.configs.overrides;
  }

  definition(name: string): ConfigDefinition | undefined {
    return topicConfigDefinition(name);
  }

  describe(): readonly ConfigEntry[] {
    return describedTopicConfigs(this.settings, this.#node);
  }

  refusalOfNames(): undefined {
    return undefined;
  }

  check(changes: ReadonlyMap<string, string>): ReadonlyMap<string, string> | Refusal {
    return checkedTopicConfigs(changes, this.settings);
  }

  replace(settings: ReadonlyMap<string, string>): void {
    const { overrides } = this.#topic.configs;
    overrides.clear();
    for (const [name, value] of settings) overrides.set(name, value);
  }
}

/** A topic's configuration with these settings, whether there is such a topic or not. */
export function describedTopicConfigs(settings: ReadonlyMap<string, string>, node: NodeConfigs): readonly ConfigEntry[] {
  return topicConfigTable.map((definition) => {
    const own = settings.get(definition.name);
    const fallback = synonymsOf(definition, node);
    return {
      definition,
      value: own ?? topicDefault(definition, node),
      source: own === undefined ? (fallback[0]?.source ?? DEFAULT_SOURCE) : TOPIC_SOURCE,
      isReadOnly: false,
      synonyms: own === undefined ? fallback : [{ name: definition.name, value: own, source: TOPIC_SOURCE }, ...fallback],
    };
  });
}

/** These values as they would be kept, beside settings that the topic has already; or what is wrong with them. */
export function checkedTopicConfigs(
  wanted: ReadonlyMap<string, string>,
  present: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> | Refusal {
  for (const name of wanted.keys()) {
    if (topicConfigDefinition(name) === undefined) return refusal("INVALID_CONFIG", `Unknown topic config name: ${name}`);
  }
  const checked = new Map<string, string>();
  for (const [name, value] of wanted) {
    const outcome = checkedValue(topicConfigDefinition(name)!, value);
    if ("problem" in outcome) return refusal("INVALID_CONFIG", outcome.problem);
    checked.set(name, outcome.value);
  }
  return refusalOfLags((name) => checked.get(name) ?? present.get(name)) ?? checked;
}

function refusalOfLags(setting: (name: string) => string | undefined): Refusal | undefined {
  const [min = "0", max] = [setting("min.compaction.lag.ms"), setting("max.compaction.lag.ms")];
  if (max === undefined || BigInt(min) <= BigInt(max)) return undefined;
  const conflict = `min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`;
  return refusal("INVALID_CONFIG", `conflict topic config setting ${conflict}`);
}

function synonymsOf({ brokerSynonym, coarserSynonyms = [] }: TopicConfigDefinition, node: NodeConfigs) {
  if (brokerSynonym === undefined) return [];
  return synonymsWithCoarser(
    node,
    brokerSynonym,
    coarserSynonyms.map(({ name }) => name),
  );
}
