// What tshark 4.0 can be asked about. Its Kafka dissector knows APIs 0 to 47, each up to some version, and has faults of its own.

import type { ApiName } from "../../src/protocol/index.ts";
import type { FixtureVariant } from "../support/fixtures.ts";

/** The last version that tshark 4.0.17 knows, found by asking it for version 99 of each. */
export const reach: ReadonlyMap<ApiName, number> = new Map<ApiName, number>([
  ["Produce", 8],
  ["Fetch", 11],
  ["ListOffsets", 5],
  ["Metadata", 9],
  ["OffsetCommit", 8],
  ["OffsetFetch", 7],
  ["FindCoordinator", 3],
  ["JoinGroup", 7],
  ["Heartbeat", 4],
  ["LeaveGroup", 4],
  ["SyncGroup", 5],
  ["DescribeGroups", 5],
  ["ListGroups", 3],
  ["SaslHandshake", 1],
  ["ApiVersions", 3],
  ["CreateTopics", 5],
  ["DeleteTopics", 4],
  ["DeleteRecords", 1],
  ["InitProducerId", 3],
  ["OffsetForLeaderEpoch", 3],
  ["AddPartitionsToTxn", 1],
  ["AddOffsetsToTxn", 1],
  ["EndTxn", 1],
  ["WriteTxnMarkers", 0],
  ["TxnOffsetCommit", 3],
  ["DescribeAcls", 2],
  ["CreateAcls", 2],
  ["DeleteAcls", 2],
  ["DescribeConfigs", 2],
  ["AlterConfigs", 1],
  ["AlterReplicaLogDirs", 1],
  ["DescribeLogDirs", 1],
  ["SaslAuthenticate", 2],
  ["CreatePartitions", 2],
  ["CreateDelegationToken", 2],
  ["RenewDelegationToken", 2],
  ["ExpireDelegationToken", 2],
  ["DescribeDelegationToken", 2],
  ["DeleteGroups", 2],
  ["ElectLeaders", 2],
  ["IncrementalAlterConfigs", 1],
  ["AlterPartitionReassignments", 0],
  ["ListPartitionReassignments", 0],
  ["OffsetDelete", 0],
]);

/** Messages of Kafka's own making that tshark reads wrongly. */
export interface Stumble {
  readonly api: ApiName;
  readonly kind: "request" | "response";
  /** First and last version. */
  readonly versions: readonly [number, number];
  /** All of them, if not said. */
  readonly variants?: readonly FixtureVariant[];
  readonly because: string;
}

const CLASSIC_BYTES = "takes the length of bytes for two bytes in versions that are not flexible; Kafka writes four";
const NULL_RECORDS = "takes the -1 of missing records for the start of a batch";
const NOT_COMPACT = "reads the arrays of this flexible version as if they were not";
const UNANSWERED = "shows no answer to a request that it could not read";

const WITH_ARRAYS: readonly FixtureVariant[] = ["TYPICAL", "MAX", "UNKNOWN_TAGS"];

export const stumbles: readonly Stumble[] = [
  { api: "Produce", kind: "request", versions: [0, 8], variants: ["NULLS"], because: NULL_RECORDS },
  { api: "Fetch", kind: "response", versions: [0, 11], variants: ["NULLS"], because: NULL_RECORDS },
  { api: "JoinGroup", kind: "request", versions: [0, 5], because: CLASSIC_BYTES },
  { api: "JoinGroup", kind: "response", versions: [0, 5], because: CLASSIC_BYTES },
  { api: "SyncGroup", kind: "request", versions: [0, 3], because: CLASSIC_BYTES },
  { api: "SyncGroup", kind: "response", versions: [0, 3], because: CLASSIC_BYTES },
  { api: "DescribeGroups", kind: "response", versions: [0, 4], because: CLASSIC_BYTES },
  { api: "SaslAuthenticate", kind: "request", versions: [0, 1], because: CLASSIC_BYTES },
  { api: "SaslAuthenticate", kind: "response", versions: [0, 1], because: CLASSIC_BYTES },
  { api: "CreateDelegationToken", kind: "response", versions: [0, 1], because: CLASSIC_BYTES },
  { api: "RenewDelegationToken", kind: "request", versions: [0, 1], because: CLASSIC_BYTES },
  { api: "ExpireDelegationToken", kind: "request", versions: [0, 1], because: CLASSIC_BYTES },
  { api: "DescribeDelegationToken", kind: "response", versions: [0, 1], because: CLASSIC_BYTES },
  { api: "CreateTopics", kind: "request", versions: [0, 5], because: "takes the count of an assignment's brokers for a broker" },
  {
    api: "CreatePartitions",
    kind: "request",
    versions: [0, 2],
    variants: WITH_ARRAYS,
    because: "knows the brokers of one assignment only, where Kafka writes an array of assignments",
  },
  {
    api: "ElectLeaders",
    kind: "request",
    versions: [0, 2],
    variants: WITH_ARRAYS,
    because: "looks for partitions where the topic's name is",
  },
  { api: "DeleteTopics", kind: "response", versions: [1, 2], because: "expects the throttle time from version 3 on, not from 1" },
  { api: "DeleteAcls", kind: "response", versions: [0, 1], because: "reads the count of results as a compact one" },
  { api: "WriteTxnMarkers", kind: "response", versions: [0, 0], because: "loses its place between the nested arrays" },
  { api: "AlterPartitionReassignments", kind: "request", versions: [0, 0], because: NOT_COMPACT },
  { api: "AlterPartitionReassignments", kind: "response", versions: [0, 0], because: UNANSWERED },
  { api: "ListPartitionReassignments", kind: "request", versions: [0, 0], because: NOT_COMPACT },
  { api: "ListPartitionReassignments", kind: "response", versions: [0, 0], because: UNANSWERED },
];

export interface Message {
  readonly name: string;
  readonly kind: "request" | "response";
  readonly version: number;
  readonly variant: FixtureVariant;
}

/** Why tshark cannot read this message, if it cannot. */
export function stumbleOver({ name, kind, version, variant }: Message): Stumble | undefined {
  return stumbles.find(
    ({ api, kind: ofKind, versions: [first, last], variants }) =>
      api === name && ofKind === kind && version >= first && version <= last && (variants?.includes(variant) ?? true),
  );
}
