/**
 * Table: the API versions that a broker of each Apache Kafka release advertises, and its features. Generated, do not edit: see
 * README.md in this folder.
 *
 * Through 3.2 the broker is one with ZooKeeper, from 3.3 on (the first KRaft for production) one in KRaft mode: whom a client of
 * that time met most. That is why 3.3 withdraws APIs: KRaft learned SCRAM credentials in 3.5 and delegation tokens in 3.6. Each is
 * the release's last patch, freshly formatted with static voters (so `kraft.version` stays at 0) and otherwise as it is by
 * default: unstable versions are hidden, and GetTelemetrySubscriptions and PushTelemetry (3.7 and later), which need a metrics
 * reporter that wants them, are not offered. From 4.0 on Produce 0 to 2 are offered and refused: older librdkafka gives up without
 * them (KAFKA-18659). For its sake 4.0.1 brought back JoinGroup 0 and 1, which 4.0.0 lacks (KAFKA-19444).
 *
 * Left out, because brokers send them only to each other, or controllers to them:
 * LeaderAndIsr (4), StopReplica (5), UpdateMetadata (6), ControlledShutdown (7), AlterPartition (56), AllocateProducerIds (67),
 * InitializeShareGroupState (83), ReadShareGroupState (84), WriteShareGroupState (85), DeleteShareGroupState (86),
 * ReadShareGroupStateSummary (87).
 */

import type { VersionRange } from "../api/api.ts";
import type { ApiName } from "../api/apis.ts";

/** An Apache Kafka release, its patches not told apart. */
// biome-ignore format: a name per line would make 27 of them.
export type KafkaRelease =
  "0.11" | "1.0" | "1.1" | "2.0" | "2.1" | "2.2" | "2.3" | "2.4" | "2.5" | "2.6" | "2.7" | "2.8" | "3.0" | "3.1" | "3.2" | "3.3"
  | "3.4" | "3.5" | "3.6" | "3.7" | "3.8" | "3.9" | "4.0" | "4.1" | "4.2" | "4.3" | "4.4";

/** What a release's broker says of itself, as differences from the release before. */
export interface ReleaseChanges {
  readonly release: KafkaRelease;
  /** New APIs, and those whose versions changed: first and last. */
  readonly apis?: Readonly<Partial<Record<ApiName, VersionRange>>>;
  /** No longer offered. */
  readonly withdrawn?: readonly ApiName[];
  /** Features (KIP-584), new or changed: the lowest and the highest level that the broker could run at. */
  readonly supports?: Readonly<Record<string, VersionRange>>;
  /** New or changed: the level that a freshly formatted cluster is at. A supported feature that never stands here is at level 0. */
  readonly finalizes?: Readonly<Record<string, number>>;
}

/** Oldest first. */
// biome-ignore format: a property per line would make 318 of them.
export const releaseHistory: readonly ReleaseChanges[] = [
  {
    release: "0.11", // Apache Kafka 0.11.0.3, ZooKeeper
    apis: {
      Produce: [0, 3], Fetch: [0, 5], ListOffsets: [0, 2], Metadata: [0, 4], OffsetCommit: [0, 3], OffsetFetch: [0, 3],
      FindCoordinator: [0, 1], JoinGroup: [0, 2], Heartbeat: [0, 1], LeaveGroup: [0, 1], SyncGroup: [0, 1],
      DescribeGroups: [0, 1], ListGroups: [0, 1], SaslHandshake: [0, 0], ApiVersions: [0, 1], CreateTopics: [0, 2],
      DeleteTopics: [0, 1], DeleteRecords: [0, 0], InitProducerId: [0, 0], OffsetForLeaderEpoch: [0, 0],
      AddPartitionsToTxn: [0, 0], AddOffsetsToTxn: [0, 0], EndTxn: [0, 0], WriteTxnMarkers: [0, 0], TxnOffsetCommit: [0, 0],
      DescribeAcls: [0, 0], CreateAcls: [0, 0], DeleteAcls: [0, 0], DescribeConfigs: [0, 0], AlterConfigs: [0, 0],
    },
  },
  {
    release: "1.0", // Apache Kafka 1.0.2, ZooKeeper
    apis: {
      Produce: [0, 5], Fetch: [0, 6], Metadata: [0, 5], SaslHandshake: [0, 1], AlterReplicaLogDirs: [0, 0],
      DescribeLogDirs: [0, 0], SaslAuthenticate: [0, 0], CreatePartitions: [0, 0],
    },
  },
  {
    release: "1.1", // Apache Kafka 1.1.1, ZooKeeper
    apis: {
      Fetch: [0, 7], DescribeConfigs: [0, 1], CreateDelegationToken: [0, 0], RenewDelegationToken: [0, 0],
      ExpireDelegationToken: [0, 0], DescribeDelegationToken: [0, 0], DeleteGroups: [0, 0],
    },
  },
  {
    release: "2.0", // Apache Kafka 2.0.1, ZooKeeper
    apis: {
      Produce: [0, 6], Fetch: [0, 8], ListOffsets: [0, 3], Metadata: [0, 6], OffsetCommit: [0, 4], OffsetFetch: [0, 4],
      FindCoordinator: [0, 2], JoinGroup: [0, 3], Heartbeat: [0, 2], LeaveGroup: [0, 2], SyncGroup: [0, 2],
      DescribeGroups: [0, 2], ListGroups: [0, 2], ApiVersions: [0, 2], CreateTopics: [0, 3], DeleteTopics: [0, 2],
      DeleteRecords: [0, 1], InitProducerId: [0, 1], OffsetForLeaderEpoch: [0, 1], AddPartitionsToTxn: [0, 1],
      AddOffsetsToTxn: [0, 1], EndTxn: [0, 1], TxnOffsetCommit: [0, 1], DescribeAcls: [0, 1], CreateAcls: [0, 1],
      DeleteAcls: [0, 1], DescribeConfigs: [0, 2], AlterConfigs: [0, 1], AlterReplicaLogDirs: [0, 1], DescribeLogDirs: [0, 1],
      CreatePartitions: [0, 1], CreateDelegationToken: [0, 1], RenewDelegationToken: [0, 1], ExpireDelegationToken: [0, 1],
      DescribeDelegationToken: [0, 1], DeleteGroups: [0, 1],
    },
  },
  {
    release: "2.1", // Apache Kafka 2.1.1, ZooKeeper
    apis: {
      Produce: [0, 7], Fetch: [0, 10], ListOffsets: [0, 4], Metadata: [0, 7], OffsetCommit: [0, 6], OffsetFetch: [0, 5],
      DeleteTopics: [0, 3], OffsetForLeaderEpoch: [0, 2], TxnOffsetCommit: [0, 2],
    },
  },
  {
    release: "2.2", // Apache Kafka 2.2.2, ZooKeeper
    apis: { ListOffsets: [0, 5], JoinGroup: [0, 4], SaslAuthenticate: [0, 1], ElectLeaders: [0, 0] },
  },
  {
    release: "2.3", // Apache Kafka 2.3.1, ZooKeeper
    apis: {
      Fetch: [0, 11], Metadata: [0, 8], OffsetCommit: [0, 7], JoinGroup: [0, 5], Heartbeat: [0, 3], SyncGroup: [0, 3],
      DescribeGroups: [0, 3], OffsetForLeaderEpoch: [0, 3], IncrementalAlterConfigs: [0, 0],
    },
  },
  {
    release: "2.4", // Apache Kafka 2.4.1, ZooKeeper
    apis: {
      Produce: [0, 8], Metadata: [0, 9], OffsetCommit: [0, 8], OffsetFetch: [0, 6], FindCoordinator: [0, 3], JoinGroup: [0, 6],
      Heartbeat: [0, 4], LeaveGroup: [0, 4], SyncGroup: [0, 4], DescribeGroups: [0, 5], ListGroups: [0, 3], ApiVersions: [0, 3],
      CreateTopics: [0, 5], DeleteTopics: [0, 4], InitProducerId: [0, 2], CreateDelegationToken: [0, 2], DeleteGroups: [0, 2],
      ElectLeaders: [0, 2], IncrementalAlterConfigs: [0, 1], AlterPartitionReassignments: [0, 0],
      ListPartitionReassignments: [0, 0], OffsetDelete: [0, 0],
    },
  },
  {
    release: "2.5", // Apache Kafka 2.5.1, ZooKeeper
    apis: {
      OffsetFetch: [0, 7], JoinGroup: [0, 7], SyncGroup: [0, 5], InitProducerId: [0, 3], TxnOffsetCommit: [0, 3],
      DescribeAcls: [0, 2], CreateAcls: [0, 2], DeleteAcls: [0, 2], SaslAuthenticate: [0, 2], CreatePartitions: [0, 2],
      RenewDelegationToken: [0, 2], ExpireDelegationToken: [0, 2], DescribeDelegationToken: [0, 2],
    },
  },
  {
    release: "2.6", // Apache Kafka 2.6.3, ZooKeeper
    apis: {
      ListGroups: [0, 4], DeleteRecords: [0, 2], DescribeConfigs: [0, 3], DescribeLogDirs: [0, 2], DescribeClientQuotas: [0, 0],
      AlterClientQuotas: [0, 0],
    },
  },
  {
    release: "2.7", // Apache Kafka 2.7.2, ZooKeeper
    apis: {
      Fetch: [0, 12], CreateTopics: [0, 6], DeleteTopics: [0, 5], InitProducerId: [0, 4], AddPartitionsToTxn: [0, 2],
      AddOffsetsToTxn: [0, 2], EndTxn: [0, 2], CreatePartitions: [0, 3], DescribeUserScramCredentials: [0, 0],
      AlterUserScramCredentials: [0, 0], UpdateFeatures: [0, 0],
    },
  },
  {
    release: "2.8", // Apache Kafka 2.8.2, ZooKeeper
    apis: {
      Produce: [0, 9], ListOffsets: [0, 6], Metadata: [0, 11], CreateTopics: [0, 7], DeleteTopics: [0, 6],
      OffsetForLeaderEpoch: [0, 4], AddPartitionsToTxn: [0, 3], AddOffsetsToTxn: [0, 3], EndTxn: [0, 3],
      WriteTxnMarkers: [0, 1], DescribeConfigs: [0, 4], AlterConfigs: [0, 2], AlterReplicaLogDirs: [0, 2],
      DescribeClientQuotas: [0, 1], AlterClientQuotas: [0, 1], DescribeCluster: [0, 0], DescribeProducers: [0, 0],
    },
  },
  {
    release: "3.0", // Apache Kafka 3.0.2, ZooKeeper
    apis: {
      ListOffsets: [0, 7], OffsetFetch: [0, 8], FindCoordinator: [0, 4], DescribeTransactions: [0, 0], ListTransactions: [0, 0],
    },
  },
  {
    release: "3.1", // Apache Kafka 3.1.2, ZooKeeper
    apis: { Fetch: [0, 13], Metadata: [0, 12] },
  },
  {
    release: "3.2", // Apache Kafka 3.2.3, ZooKeeper
    apis: { JoinGroup: [0, 9], LeaveGroup: [0, 5], DescribeLogDirs: [0, 3] },
  },
  {
    release: "3.3", // Apache Kafka 3.3.2, KRaft, metadata.version 3.3-IV3
    apis: {
      DescribeAcls: [0, 3], CreateAcls: [0, 3], DeleteAcls: [0, 3], DescribeLogDirs: [0, 4], DescribeQuorum: [0, 1],
      UpdateFeatures: [0, 1], UnregisterBroker: [0, 0],
    },
    withdrawn: [
      "CreateDelegationToken", "RenewDelegationToken", "ExpireDelegationToken", "DescribeDelegationToken",
      "DescribeUserScramCredentials", "AlterUserScramCredentials",
    ],
    supports: { "metadata.version": [1, 7] },
    finalizes: { "metadata.version": 7 },
  },
  {
    release: "3.4", // Apache Kafka 3.4.1, KRaft, metadata.version 3.4-IV0
    supports: { "metadata.version": [1, 8] },
    finalizes: { "metadata.version": 8 },
  },
  {
    release: "3.5", // Apache Kafka 3.5.2, KRaft, metadata.version 3.5-IV2
    apis: { Fetch: [0, 15], ListOffsets: [0, 8], DescribeUserScramCredentials: [0, 0], AlterUserScramCredentials: [0, 0] },
    supports: { "metadata.version": [1, 11] },
    finalizes: { "metadata.version": 11 },
  },
  {
    release: "3.6", // Apache Kafka 3.6.2, KRaft, metadata.version 3.6-IV2
    apis: {
      AddPartitionsToTxn: [0, 4], CreateDelegationToken: [0, 3], RenewDelegationToken: [0, 2], ExpireDelegationToken: [0, 2],
      DescribeDelegationToken: [0, 3],
    },
    supports: { "metadata.version": [1, 14] },
    finalizes: { "metadata.version": 14 },
  },
  {
    release: "3.7", // Apache Kafka 3.7.2, KRaft, metadata.version 3.7-IV4
    apis: {
      Produce: [0, 10], Fetch: [0, 16], OffsetCommit: [0, 9], OffsetFetch: [0, 9], DescribeCluster: [0, 1],
      ConsumerGroupHeartbeat: [0, 0], ListConfigResources: [0, 0],
    },
    supports: { "metadata.version": [1, 19] },
    finalizes: { "metadata.version": 19 },
  },
  {
    release: "3.8", // Apache Kafka 3.8.1, KRaft, metadata.version 3.8-IV0
    apis: {
      Produce: [0, 11], FindCoordinator: [0, 5], ListGroups: [0, 5], InitProducerId: [0, 5], AddPartitionsToTxn: [0, 5],
      AddOffsetsToTxn: [0, 4], EndTxn: [0, 4], TxnOffsetCommit: [0, 4], ListTransactions: [0, 1], ConsumerGroupDescribe: [0, 0],
      DescribeTopicPartitions: [0, 0],
    },
    supports: { "metadata.version": [1, 20] },
    finalizes: { "metadata.version": 20 },
  },
  {
    release: "3.9", // Apache Kafka 3.9.2, KRaft, metadata.version 3.9-IV0
    apis: {
      Fetch: [0, 17], ListOffsets: [0, 9], FindCoordinator: [0, 6], ApiVersions: [0, 4], DescribeQuorum: [0, 2],
      AddRaftVoter: [0, 0], RemoveRaftVoter: [0, 0],
    },
    supports: { "kraft.version": [0, 1], "metadata.version": [1, 21] },
    finalizes: { "metadata.version": 21 },
  },
  {
    release: "4.0", // Apache Kafka 4.0.2, KRaft, metadata.version 4.0-IV3
    apis: {
      Produce: [0, 12], Fetch: [4, 17], ListOffsets: [1, 10], Metadata: [0, 13], OffsetCommit: [2, 9], OffsetFetch: [1, 9],
      DescribeGroups: [0, 6], CreateTopics: [2, 7], DeleteTopics: [1, 6], OffsetForLeaderEpoch: [2, 4], EndTxn: [0, 5],
      WriteTxnMarkers: [1, 1], TxnOffsetCommit: [0, 5], DescribeAcls: [1, 3], CreateAcls: [1, 3], DeleteAcls: [1, 3],
      DescribeConfigs: [1, 4], AlterReplicaLogDirs: [1, 2], DescribeLogDirs: [1, 4], CreateDelegationToken: [1, 3],
      RenewDelegationToken: [1, 2], ExpireDelegationToken: [1, 2], DescribeDelegationToken: [1, 3], UpdateFeatures: [0, 2],
      DescribeCluster: [0, 2], ConsumerGroupHeartbeat: [0, 1], ConsumerGroupDescribe: [0, 1],
    },
    supports: {
      "eligible.leader.replicas.version": [0, 1], "group.version": [0, 1], "metadata.version": [7, 25],
      "transaction.version": [0, 2],
    },
    finalizes: { "group.version": 1, "metadata.version": 25, "transaction.version": 2 },
  },
  {
    release: "4.1", // Apache Kafka 4.1.2, KRaft, metadata.version 4.1-IV1
    apis: {
      Produce: [0, 13], Fetch: [4, 18], AlterPartitionReassignments: [0, 1], ListTransactions: [0, 2],
      ListConfigResources: [0, 1], ShareGroupHeartbeat: [1, 1], ShareGroupDescribe: [1, 1], ShareFetch: [1, 1],
      ShareAcknowledge: [1, 1], DescribeShareGroupOffsets: [0, 0], AlterShareGroupOffsets: [0, 0],
      DeleteShareGroupOffsets: [0, 0],
    },
    supports: { "metadata.version": [7, 27], "share.version": [0, 1] },
    finalizes: { "eligible.leader.replicas.version": 1, "metadata.version": 27 },
  },
  {
    release: "4.2", // Apache Kafka 4.2.1, KRaft, metadata.version 4.2-IV1
    apis: {
      ListOffsets: [1, 11], OffsetCommit: [2, 10], OffsetFetch: [1, 10], WriteTxnMarkers: [1, 2], ShareFetch: [1, 2],
      ShareAcknowledge: [1, 2], AddRaftVoter: [0, 1], StreamsGroupHeartbeat: [0, 0], StreamsGroupDescribe: [0, 0],
      DescribeShareGroupOffsets: [0, 1],
    },
    supports: { "metadata.version": [7, 29], "streams.version": [0, 1] },
    finalizes: { "metadata.version": 29, "share.version": 1, "streams.version": 1 },
  },
  {
    release: "4.3", // Apache Kafka 4.3.1, KRaft, metadata.version 4.3-IV0
    apis: { DescribeLogDirs: [1, 5] },
    supports: { "metadata.version": [7, 30] },
    finalizes: { "metadata.version": 30 },
  },
  {
    release: "4.4", // Apache Kafka 4.4.0, KRaft, metadata.version 4.4-IV2
    apis: {
      ApiVersions: [0, 5], TxnOffsetCommit: [0, 6], DeleteGroups: [0, 3], StreamsGroupHeartbeat: [0, 1],
      StreamsGroupDescribe: [0, 1], StreamsGroupTopologyDescriptionUpdate: [0, 0], UnregisterController: [0, 0],
    },
    supports: { "metadata.version": [7, 33], "share.version": [0, 2] },
    finalizes: { "metadata.version": 33, "share.version": 2 },
  },
];
