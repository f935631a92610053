// Which Apache Kafka stands for a release: its last patch, run as most of its users ran it.

export interface KafkaDistribution {
  /** As the embedded broker's option names it. */
  readonly release: string;
  /** The version on Maven Central. */
  readonly version: string;
}

const VERSIONS: readonly string[] = [
  ..."0.11.0.3 1.0.2 1.1.1 2.0.1 2.1.1 2.2.2 2.3.1 2.4.1 2.5.1 2.6.3 2.7.2 2.8.2".split(" "),
  ..."3.0.2 3.1.2 3.2.3 3.3.2 3.4.1 3.5.2 3.6.2 3.7.2 3.8.1 3.9.2 4.0.2 4.1.2 4.2.1 4.3.1 4.4.0".split(" "),
];

/** Oldest first. */
export const distributions: readonly KafkaDistribution[] = VERSIONS.map((version) => ({
  release: version.split(".").slice(0, 2).join("."),
  version,
}));
