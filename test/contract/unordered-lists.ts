// Lists whose order Kafka leaves open: its brokers fill them from hash tables. They are compared by what names their elements; every
// other list is compared in its order.

export interface UnorderedList {
  /** The path of the list, without the indexes in it. */
  readonly path: string;
  /** Fields that name an element, first to last; none where the elements are plain values. */
  readonly keys: readonly string[];
}

const list = (path: string, ...keys: readonly string[]): UnorderedList => ({ path, keys });

export const unorderedLists: Readonly<Record<string, readonly UnorderedList[]>> = {
  ApiVersions: [list("apiKeys", "apiKey"), list("supportedFeatures", "name"), list("finalizedFeatures", "name")],
  AddPartitionsToTxn: [
    list("resultsByTopicV3AndBelow", "name"),
    list("resultsByTopicV3AndBelow.resultsByPartition", "partitionIndex"),
    list("resultsByTransaction", "transactionalId"),
    list("resultsByTransaction.topicResults", "name"),
    list("resultsByTransaction.topicResults.resultsByPartition", "partitionIndex"),
  ],
  AlterConfigs: [list("responses", "resourceType", "resourceName")],
  AlterPartitionReassignments: [list("responses", "name"), list("responses.partitions", "partitionIndex")],
  ConsumerGroupDescribe: [list("groups.members", "clientId", "instanceId", "subscribedTopicRegex", "memberEpoch")],
  CreateTopics: [list("topics", "name"), list("topics.configs", "name")],
  DeleteGroups: [list("results", "groupId")],
  DeleteTopics: [list("responses", "name", "errorCode")],
  DescribeConfigs: [list("results.configs", "name")],
  DescribeGroups: [list("groups.members", "clientId", "groupInstanceId", "memberAssignment")],
  DescribeLogDirs: [list("results.topics", "name"), list("results.topics.partitions", "partitionIndex")],
  DescribeProducers: [list("topics", "name")],
  ElectLeaders: [list("replicaElectionResults", "topic"), list("replicaElectionResults.partitionResult", "partitionId")],
  IncrementalAlterConfigs: [list("responses", "resourceType", "resourceName")],
  JoinGroup: [list("members", "groupInstanceId", "metadata")],
  ListConfigResources: [list("configResources", "resourceType", "resourceName")],
  ListGroups: [list("groups", "groupId")],
  ListOffsets: [list("topics", "name"), list("topics.partitions", "partitionIndex")],
  ListTransactions: [list("transactionStates", "transactionalId")],
  Metadata: [list("topics", "name"), list("topics.partitions", "partitionIndex")],
  SaslHandshake: [list("mechanisms")],
};

/** The name of an element, for sorting, pairing and saying where a difference is. */
export function nameOf(element: unknown, { keys }: UnorderedList): string {
  const parts = keys.length === 0 ? [element] : keys.map((key) => Reflect.get(Object(element), key) as unknown);
  return parts
    .map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString("latin1") : part))
    .filter((part) => typeof part === "string" || typeof part === "number")
    .join(" ");
}

/** The same answer with its unordered lists sorted. */
export function sorted(value: unknown, unordered: readonly UnorderedList[], path = ""): unknown {
  if (Array.isArray(value)) {
    const inner = value.map((element: unknown) => sorted(element, unordered, path));
    const found = unordered.find((it) => it.path === path);
    return found === undefined ? inner : inner.sort((one, other) => (nameOf(one, found) < nameOf(other, found) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    sorted(inner, unordered, path === "" ? name : `${path}.${name}`),
  ]);
  return Object.fromEntries(entries) as unknown;
}
