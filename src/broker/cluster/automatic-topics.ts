import { usesZooKeeper } from "../../protocol/index.ts";
import type { Cluster } from "./cluster.ts";
import { refusalOfNewTopic } from "./new-topic-rules.ts";
import type { Refusal } from "./refusal.ts";

/** What a client hears about a topic that did not exist until it asked. */
export type AutomaticCreation = "UNKNOWN_TOPIC_OR_PARTITION" | "LEADER_NOT_AVAILABLE" | Refusal["error"];

/**
 * Makes the topic as Kafka does when a client asks for one that is missing. Kafka answers before the controller has made it: the
 * client's next request finds the topic, or, if it cannot be made, never does. Brokers with ZooKeeper knew, and said so.
 */
export function createAutomatically(cluster: Cluster, name: string): AutomaticCreation {
  const refused = refusalOfNewTopic(cluster, { name });
  if (refused === undefined) cluster.topics.create({ name });
  if (!usesZooKeeper(cluster.release)) return "UNKNOWN_TOPIC_OR_PARTITION";
  return refused?.error ?? "LEADER_NOT_AVAILABLE";
}
