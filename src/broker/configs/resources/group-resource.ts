import type { Cluster } from "../../cluster/cluster.ts";
import { type Refusal, refusal } from "../../cluster/refusal.ts";
import type { NodeConfigs } from "../broker-configs.ts";
import type { ConfigDefinition } from "../config-definition.ts";
import { checkedValue } from "../config-values.ts";
import { groupConfigTable } from "../group-config-table.ts";
import { groupConfigDefinition } from "../group-configs.ts";
import { brokerSynonyms } from "./broker-synonyms.ts";
import { type ConfigEntry, type ConfigResource, DEFAULT_SOURCE, GROUP_SOURCE } from "./config-resource.ts";

/** A group, which need not exist to be configured. */
export class GroupResource implements ConfigResource {
  readonly #cluster: Cluster;
  readonly #groupId: string;
  readonly #node: NodeConfigs;

  constructor(cluster: Cluster, groupId: string, node: NodeConfigs) {
    this.#cluster = cluster;
    this.#groupId = groupId;
    this.#node = node;
  }

  get settings(): ReadonlyMap<string, string> {
    return this.#cluster.groupConfigs.overridesOf(this.#groupId);
  }

  definition(name: string): ConfigDefinition | undefined {
    return groupConfigDefinition(name);
  }

  describe(): readonly ConfigEntry[] {
    return groupConfigTable.map((definition) => {
      const own = this.settings.get(definition.name);
      const fallback = brokerSynonyms(this.#node, definition.brokerSynonym);
      return {
        definition,
        value: own ?? this.#node.get(definition.brokerSynonym) ?? null,
        source: own === undefined ? (fallback[0]?.source ?? DEFAULT_SOURCE) : GROUP_SOURCE,
        isReadOnly: false,
        synonyms: own === undefined ? fallback : [{ name: definition.name, value: own, source: GROUP_SOURCE }, ...fallback],
      };
    });
  }

  refusalOfNames(): undefined {
    return undefined;
  }

  check(changes: ReadonlyMap<string, string>): ReadonlyMap<string, string> | Refusal {
    const checked = new Map<string, string>();
    for (const [name, value] of changes) {
      const definition = groupConfigDefinition(name);
      if (definition === undefined) return refusal("INVALID_CONFIG", `Unknown group config name: ${name}`);
      const outcome = checkedValue(definition, value);
      if ("problem" in outcome) return refusal("INVALID_CONFIG", outcome.problem);
      const { atLeast, atMost } = definition;
      if (Number(outcome.value) < this.#node.int(atLeast)) return outOfLimits(name, "greater", atLeast);
      if (Number(outcome.value) > this.#node.int(atMost)) return outOfLimits(name, "less", atMost);
      checked.set(name, outcome.value);
    }
    return checked;
  }

  replace(settings: ReadonlyMap<string, string>): void {
    this.#cluster.groupConfigs.replace(this.#groupId, settings);
  }
}

function outOfLimits(name: string, direction: "greater" | "less", limit: string): Refusal {
  return refusal("INVALID_CONFIG", `${name} must be ${direction} than or equal to ${limit}`);
}
