/** The cluster as last seen. A snapshot never changes: the next one takes its place. */
export interface MetadataSnapshot {
  readonly clusterId: string | undefined;
  /** -1 while unknown. */
  readonly controllerId: number;
  readonly brokers: ReadonlyMap<number, ClusterBroker>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
  topicById(topicId: string): TopicMetadata | undefined;
  /** undefined: not known; then a refresh may help. */
  leaderOf(topic: string, partition: number): PartitionLeader | undefined;
}

export interface ClusterBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | undefined;
}

export interface TopicMetadata {
  readonly name: string;
  /** Undefined with brokers before 2.8. */
  readonly topicId: string | undefined;
  readonly isInternal: boolean;
  /** By index; a hole never is. */
  readonly partitions: readonly PartitionMetadata[];
}

export interface PartitionMetadata {
  readonly partition: number;
  /** -1 while there is none. */
  readonly leaderId: number;
  /** -1 with brokers that do not say. */
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly offlineReplicas: readonly number[];
}

export interface PartitionLeader {
  readonly broker: ClusterBroker;
  readonly leaderEpoch: number;
}
