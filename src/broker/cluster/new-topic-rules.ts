/** What the controller demands of a new topic, in the order in which it looks, and in its words. */
import { checkedTopicConfigs } from "../configs/resources/topic-resource.ts";
import type { Cluster } from "./cluster.ts";
import { isRefusal, type Refusal, refusal } from "./refusal.ts";
import { invalidTopicName, type NewTopic } from "./topics.ts";

/** All topics of one request together may have so many partitions. */
export const MAX_PARTITIONS_PER_REQUEST = 10_000;

export const TOO_MANY_PARTITIONS: Refusal = refusal("POLICY_VIOLATION", "Excessively large number of partitions per request.");

/** Why the cluster will not have this topic; undefined when it can be created. */
export function refusalOfNewTopic(cluster: Cluster, wanted: NewTopic): Refusal | undefined {
  return (
    refusalOfName(cluster, wanted.name) ??
    refusalOfConfigs(wanted) ??
    (wanted.assignment === undefined ? refusalOfNumbers(cluster, wanted) : refusalOfAssignment(cluster, wanted.assignment))
  );
}

function refusalOfName({ topics }: Cluster, name: string): Refusal | undefined {
  if (topics.get(name) !== undefined) return refusal("TOPIC_ALREADY_EXISTS", `Topic '${name}' already exists.`);
  const invalid = invalidTopicName(name);
  if (invalid !== undefined) return refusal("INVALID_TOPIC_EXCEPTION", `Topic name is invalid: ${invalid}`);
  const collision = topics.collisionOf(name);
  if (collision === undefined) return undefined;
  return refusal("INVALID_TOPIC_EXCEPTION", `Topic '${name}' collides with existing topic: ${collision}`);
}

function refusalOfConfigs({ configs }: NewTopic): Refusal | undefined {
  if (configs === undefined) return undefined;
  const checked = checkedTopicConfigs(configs);
  return isRefusal(checked) ? checked : undefined;
}

function refusalOfNumbers({ configs, nodes }: Cluster, wanted: NewTopic): Refusal | undefined {
  const { partitions = configs.int("num.partitions"), replicationFactor = configs.int("default.replication.factor") } = wanted;
  if (replicationFactor <= 0) {
    return refusal("INVALID_REPLICATION_FACTOR", "Replication factor must be larger than 0, or -1 to use the default value.");
  }
  if (partitions <= 0) return refusal("INVALID_PARTITIONS", "Number of partitions was set to an invalid non-positive value.");
  if (partitions > MAX_PARTITIONS_PER_REQUEST) return TOO_MANY_PARTITIONS;
  const reason = unreachableFactor(nodes, replicationFactor);
  if (reason === undefined) return undefined;
  return refusal("INVALID_REPLICATION_FACTOR", `Unable to replicate the partition ${replicationFactor} time(s): ${reason}`);
}

/** Why there cannot be so many replicas of a partition, somebody leading it. */
export function unreachableFactor(nodes: Cluster["nodes"], replicationFactor: number): string | undefined {
  if (!nodes.some(({ isRunning }) => isRunning)) return "All brokers are currently fenced.";
  if (replicationFactor <= nodes.length) return undefined;
  const only = `only ${nodes.length} broker(s) are registered or some brokers have all their log directories cordoned.`;
  return `The target replication factor of ${replicationFactor} cannot be reached because ${only}`;
}

function refusalOfAssignment(cluster: Cluster, assignment: readonly (readonly number[])[]): Refusal | undefined {
  if (assignment.length > MAX_PARTITIONS_PER_REQUEST) return TOO_MANY_PARTITIONS;
  const factor = assignment[0]?.length;
  for (const [partition, replicas] of assignment.entries()) {
    const refused = refusalOfReplicas(cluster, replicas, factor) ?? refusalOfStopped(cluster, replicas, partition);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** Why these nodes cannot be the replicas of a partition, whose topic has `factor` of them elsewhere. */
export function refusalOfReplicas(cluster: Cluster, replicas: readonly number[], factor?: number): Refusal | undefined {
  const refused = (message: string) => refusal("INVALID_REPLICA_ASSIGNMENT", `The manual partition assignment includes ${message}`);
  if (replicas.length === 0) return refused("an empty replica list.");
  const ascending = [...replicas].sort((one, other) => one - other);
  for (const [index, id] of ascending.entries()) {
    if (cluster.node(id) === undefined) return refused(`broker ${id}, but no such broker is registered.`);
    if (id === ascending[index - 1]) return refused(`the broker ${id} more than once.`);
  }
  if (factor === undefined || factor === replicas.length) return undefined;
  const before = `which have ${factor} replica(s).`;
  return refused(`a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, ${before}`);
}

/** A new partition needs somebody to lead it. */
export function refusalOfStopped(cluster: Cluster, replicas: readonly number[], partition: number): Refusal | undefined {
  if (replicas.some((id) => cluster.node(id)?.isRunning === true)) return undefined;
  const which = `for partition ${partition} are fenced or in controlled shutdown.`;
  return refusal("INVALID_REPLICA_ASSIGNMENT", `All brokers specified in the manual partition assignment ${which}`);
}
