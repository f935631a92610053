import type { BrokerNode } from "../../cluster/broker-node.ts";
import type { Features } from "../../cluster/features.ts";
import { LOG_DIRECTORY } from "../../cluster/log-directory.ts";
import { type Refusal, refusal } from "../../cluster/refusal.ts";
import { brokerConfigTable } from "../broker-config-table.ts";
import { type BrokerConfigs, brokerConfigDefinition } from "../broker-configs.ts";
import type { ConfigDefinition } from "../config-definition.ts";
import { checkedValue } from "../config-values.ts";
import { topicConfigTable } from "../topic-config-table.ts";
import { synonymsWithCoarser } from "./broker-synonyms.ts";
import {
  type ConfigEntry,
  type ConfigResource,
  DEFAULT_SOURCE,
  DYNAMIC_DEFAULT_BROKER_SOURCE,
  STATIC_BROKER_SOURCE,
} from "./config-resource.ts";

/** Configuration in finer units, by those that take over where it is not set. */
const coarserNames: ReadonlyMap<string, readonly string[]> = new Map(
  topicConfigTable.flatMap(({ brokerSynonym, coarserSynonyms = [] }) =>
    brokerSynonym === undefined ? [] : [[brokerSynonym, coarserSynonyms.map(({ name }) => name)]],
  ),
);

const MIN_IN_SYNC = "min.insync.replicas";

/** Whether the controller counts on there being one number for all brokers (KIP-966). */
function hasEligibleLeaders(features: Features): boolean {
  return features.level("eligible.leader.replicas.version") > 0;
}

/** Changes what brokers can be configured with while they run: the same rules for one of them as for all. */
abstract class ChangeableBrokerConfigs {
  definition(name: string): ConfigDefinition | undefined {
    return brokerConfigDefinition(name);
  }

  refusalOfNames(names: readonly string[]): Refusal | undefined {
    const fixed = names.filter((name) => brokerConfigDefinition(name)?.isReadOnly ?? facts.has(name));
    if (fixed.length > 0) return refusal("INVALID_REQUEST", `Cannot update these configs dynamically: [${fixed.join(", ")}]`);
    return undefined;
  }

  /** Real brokers keep names that they do not know, for plugins. There are none here, so nobody could ever read them. */
  check(changes: ReadonlyMap<string, string>): ReadonlyMap<string, string> | Refusal {
    const checked = new Map<string, string>();
    for (const [name, value] of changes) {
      const definition = brokerConfigDefinition(name);
      if (definition === undefined) return refusal("INVALID_CONFIG", `Unknown broker config name: ${name}`);
      const outcome = checkedValue(definition, value);
      if ("problem" in outcome) return refusal("INVALID_REQUEST", outcome.problem);
      checked.set(name, outcome.value);
    }
    return checked;
  }
}

/** One broker: what it is, and what it is configured with. */
export class BrokerResource extends ChangeableBrokerConfigs implements ConfigResource {
  readonly #node: BrokerNode;
  readonly #features: Features;

  constructor(node: BrokerNode, features: Features) {
    super();
    this.#node = node;
    this.#features = features;
  }

  get settings(): ReadonlyMap<string, string> {
    return this.#node.configs.dynamic;
  }

  describe(): readonly ConfigEntry[] {
    const configured = brokerConfigTable.map((definition) => {
      const synonyms = synonymsWithCoarser(this.#node.configs, definition.name, coarserNames.get(definition.name) ?? []);
      return {
        definition,
        value: this.#node.configs.get(definition.name) ?? null,
        source: synonyms[0]?.source ?? DEFAULT_SOURCE,
        isReadOnly: definition.isReadOnly === true,
        synonyms,
      };
    });
    return [...configured, ...Array.from(facts.values(), ({ definition, of }) => factEntry(definition, of(this.#node)))];
  }

  refusalOfSettings(settings: ReadonlyMap<string, string>): Refusal | undefined {
    if (!hasEligibleLeaders(this.#features) || !settings.has(MIN_IN_SYNC)) return undefined;
    return refusal("INVALID_CONFIG", `Broker-level ${MIN_IN_SYNC} cannot be altered while ELR is enabled.`);
  }

  replace(settings: ReadonlyMap<string, string>): void {
    replaceAll(this.#node.configs.dynamic, settings);
  }
}

/** What all brokers go by where they have nothing of their own: only what was set is listed. */
export class BrokerDefaultsResource extends ChangeableBrokerConfigs implements ConfigResource {
  readonly #configs: BrokerConfigs;
  readonly #features: Features;

  constructor(configs: BrokerConfigs, features: Features) {
    super();
    this.#configs = configs;
    this.#features = features;
  }

  get settings(): ReadonlyMap<string, string> {
    return this.#configs.dynamic;
  }

  describe(): readonly ConfigEntry[] {
    return Array.from(this.settings, ([name, value]) => ({
      definition: brokerConfigDefinition(name)!,
      value,
      source: DYNAMIC_DEFAULT_BROKER_SOURCE,
      isReadOnly: false,
      synonyms: [{ name, value, source: DYNAMIC_DEFAULT_BROKER_SOURCE }],
    }));
  }

  refusalOfSettings(settings: ReadonlyMap<string, string>): Refusal | undefined {
    if (!hasEligibleLeaders(this.#features) || settings.has(MIN_IN_SYNC)) return undefined;
    return refusal("INVALID_CONFIG", `Cluster-level ${MIN_IN_SYNC} cannot be removed while ELR is enabled.`);
  }

  replace(settings: ReadonlyMap<string, string>): void {
    replaceAll(this.#configs.dynamic, settings);
  }
}

/** What a node is, told as configuration because tools look for it there. */
const facts = new Map<string, { readonly definition: ConfigDefinition; readonly of: (node: BrokerNode) => string | null }>([
  fact("broker.id", "int", "The node's id, as it was called before KRaft.", ({ id }) => String(id), "-1"),
  fact("broker.rack", "string", "The node's rack.", ({ rack }) => rack),
  fact("log.dirs", "list", "Where the node's logs are; there is no such directory, they are in memory.", () => LOG_DIRECTORY),
  fact("node.id", "int", "The node's id.", ({ id }) => String(id)),
]);

function fact(
  name: string,
  type: ConfigDefinition["type"],
  documentation: string,
  of: (node: BrokerNode) => string | null,
  defaultValue: string | null = null,
) {
  return [name, { definition: { name, type, documentation, defaultValue, isReadOnly: true }, of }] as const;
}

function factEntry(definition: ConfigDefinition, value: string | null): ConfigEntry {
  const { name, defaultValue } = definition;
  const synonyms = [
    ...(value === null ? [] : [{ name, value, source: STATIC_BROKER_SOURCE }]),
    ...(defaultValue === null ? [] : [{ name, value: defaultValue, source: DEFAULT_SOURCE }]),
  ];
  return { definition, value, source: synonyms[0]?.source ?? DEFAULT_SOURCE, isReadOnly: true, synonyms };
}

function replaceAll(target: Map<string, string>, settings: ReadonlyMap<string, string>): void {
  target.clear();
  for (const [name, value] of settings) target.set(name, value);
}
