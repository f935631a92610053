import { type KafkaRelease, LATEST_RELEASE } from "../../protocol/index.ts";
import { brokerConfigTable } from "./broker-config-table.ts";
import { type ConfigDefinition, ConfigReader } from "./config-definition.ts";
import { checkedValue } from "./config-values.ts";
import { releaseDefaults } from "./release-defaults.ts";

const byName: ReadonlyMap<string, ConfigDefinition> = new Map(brokerConfigTable.map((row) => [row.name, row]));

/** Undefined for what brokers cannot be configured with here. */
export function brokerConfigDefinition(name: string): ConfigDefinition | undefined {
  return byName.get(name);
}

/** What is wrong with starting a cluster with this setting; undefined when nothing is. */
export function problemWithBrokerConfig(name: string, value: string): string | undefined {
  const definition = byName.get(name);
  if (definition === undefined) return `there is no broker configuration '${name}' here`;
  const checked = checkedValue(definition, value);
  return "problem" in checked ? checked.problem : undefined;
}

/** Configuration that all brokers share: what clients changed, over what the cluster was started with, over Kafka's defaults. */
export class BrokerConfigs extends ConfigReader {
  /** What the cluster was started with: `STATIC_BROKER_CONFIG`. */
  readonly startedWith: ReadonlyMap<string, string>;
  /** What clients set for all brokers: `DYNAMIC_DEFAULT_BROKER_CONFIG`. */
  readonly dynamic: Map<string, string> = new Map();
  readonly #releaseDefaults: ReadonlyMap<string, string>;

  constructor(startedWith: ReadonlyMap<string, string>, release: KafkaRelease = LATEST_RELEASE) {
    super();
    this.#releaseDefaults = releaseDefaults(release);
    this.startedWith = new Map(
      Array.from(startedWith, ([name, value]) => {
        const definition = byName.get(name);
        const checked = definition === undefined ? { value } : checkedValue(definition, value);
        return [name, "problem" in checked ? value : checked.value];
      }),
    );
  }

  /** What the release has where nobody has set anything. */
  defaultOf(name: string): string | null | undefined {
    return this.#releaseDefaults.get(name) ?? byName.get(name)?.defaultValue;
  }

  override get(name: string): string | null | undefined {
    return this.dynamic.get(name) ?? this.startedWith.get(name) ?? this.defaultOf(name);
  }
}

/** One broker's configuration: what clients set for it alone, over the cluster's. */
export class NodeConfigs extends ConfigReader {
  /** `DYNAMIC_BROKER_CONFIG`. */
  readonly dynamic: Map<string, string> = new Map();
  readonly cluster: BrokerConfigs;

  constructor(cluster: BrokerConfigs) {
    super();
    this.cluster = cluster;
  }

  override get(name: string): string | null | undefined {
    return this.dynamic.get(name) ?? this.cluster.get(name);
  }
}
