import type { BrokerConfigs } from "./broker-configs.ts";
import { ConfigReader } from "./config-definition.ts";
import { type GroupConfigDefinition, groupConfigTable } from "./group-config-table.ts";

const byName: ReadonlyMap<string, GroupConfigDefinition> = new Map(groupConfigTable.map((row) => [row.name, row]));

export function groupConfigDefinition(name: string): GroupConfigDefinition | undefined {
  return byName.get(name);
}

/** What was set for groups, which need not exist for that: `GROUP_CONFIG`. */
export class GroupConfigs {
  readonly #overrides = new Map<string, Map<string, string>>();
  readonly #broker: BrokerConfigs;

  constructor(broker: BrokerConfigs) {
    this.#broker = broker;
  }

  /** The configuration of a group, whether something was set for it or not. */
  of(groupId: string): GroupConfig {
    return new GroupConfig(this.#broker, this.overridesOf(groupId));
  }

  overridesOf(groupId: string): ReadonlyMap<string, string> {
    return this.#overrides.get(groupId) ?? new Map();
  }

  replace(groupId: string, overrides: ReadonlyMap<string, string>): void {
    if (overrides.size === 0) this.#overrides.delete(groupId);
    else this.#overrides.set(groupId, new Map(overrides));
  }

  /** The groups for which something was set. */
  ids(): readonly string[] {
    return [...this.#overrides.keys()];
  }
}

/** What a group goes by: its own value, or else the broker's. */
export class GroupConfig extends ConfigReader {
  readonly #broker: BrokerConfigs;
  readonly #overrides: ReadonlyMap<string, string>;

  constructor(broker: BrokerConfigs, overrides: ReadonlyMap<string, string>) {
    super();
    this.#broker = broker;
    this.#overrides = overrides;
  }

  override get(name: string): string | null | undefined {
    const row = byName.get(name);
    if (row === undefined) return undefined;
    return this.#overrides.get(name) ?? this.#broker.get(row.brokerSynonym);
  }
}
