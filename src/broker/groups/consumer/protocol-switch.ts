import type { Cluster } from "../../cluster/cluster.ts";

/** The consumer protocol is there from this level of the feature `group.version` on. */
const FIRST_LEVEL = 1;

/** Kafka advertises the APIs whether or not, and refuses them while it is off. */
export function isConsumerProtocolEnabled({ features }: Cluster): boolean {
  return features.level("group.version") >= FIRST_LEVEL;
}
