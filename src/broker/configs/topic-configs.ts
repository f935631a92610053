import { type ConfigDefinition, ConfigReader } from "./config-definition.ts";
import { topicConfigTable } from "./topic-config-table.ts";

/** A topic's configuration; where the topic has no value of its own, a broker configuration of another name decides. */
export interface TopicConfigDefinition extends ConfigDefinition {
  readonly brokerSynonym?: string;
  /** Broker configurations in larger units, which count where the one before is not set; the last has a default. */
  readonly coarserSynonyms?: readonly { readonly name: string; readonly unitMs: number }[];
}

const byName: ReadonlyMap<string, TopicConfigDefinition> = new Map(topicConfigTable.map((row) => [row.name, row]));

export function topicConfigDefinition(name: string): TopicConfigDefinition | undefined {
  return byName.get(name);
}

/** The value that topics have where they have none of their own. */
export function topicDefault(
  { brokerSynonym, coarserSynonyms = [], defaultValue }: TopicConfigDefinition,
  broker: ConfigReader,
): string | null {
  const fromBroker = brokerSynonym === undefined ? undefined : broker.get(brokerSynonym);
  if (typeof fromBroker === "string") return fromBroker;
  for (const { name, unitMs } of coarserSynonyms) {
    const coarse = broker.get(name);
    // Any negative time means for ever.
    if (typeof coarse === "string") return Number(coarse) < 0 ? "-1" : String(BigInt(coarse) * BigInt(unitMs));
  }
  return defaultValue;
}

export class TopicConfigs extends ConfigReader {
  /** What was set for this topic: `DYNAMIC_TOPIC_CONFIG`. */
  readonly overrides: Map<string, string>;
  readonly #broker: ConfigReader;

  constructor(broker: ConfigReader, overrides: Map<string, string>) {
    super();
    this.#broker = broker;
    this.overrides = overrides;
  }

  /** The same settings over another broker's defaults. */
  under(broker: ConfigReader): TopicConfigs {
    return new TopicConfigs(broker, this.overrides);
  }

  override get(name: string): string | null | undefined {
    const own = this.overrides.get(name);
    if (own !== undefined) return own;
    const row = byName.get(name);
    return row === undefined ? undefined : topicDefault(row, this.#broker);
  }
}
