/**
 * KIP-219: from which version of an answer on a broker answers at once and expects the client to be quiet for `throttleTimeMs`. In
 * earlier versions the broker has waited itself. The table is that of Java's clients (`shouldClientThrottle`): an API that is not in
 * it never makes the client wait.
 */
const FIRST_THROTTLING_VERSION: ReadonlyMap<string, number> = new Map([
  ["AddOffsetsToTxn", 1],
  ["AddPartitionsToTxn", 1],
  ["AlterConfigs", 1],
  ["AlterPartitionReassignments", 0],
  ["AlterReplicaLogDirs", 1],
  ["AlterUserScramCredentials", 0],
  ["ApiVersions", 2],
  ["CreateAcls", 1],
  ["CreateDelegationToken", 1],
  ["CreatePartitions", 1],
  ["CreateTopics", 3],
  ["DeleteAcls", 1],
  ["DeleteGroups", 1],
  ["DeleteRecords", 1],
  ["DeleteTopics", 2],
  ["DescribeAcls", 1],
  ["DescribeConfigs", 2],
  ["DescribeDelegationToken", 1],
  ["DescribeGroups", 2],
  ["DescribeLogDirs", 1],
  ["DescribeTopicPartitions", 0],
  ["DescribeUserScramCredentials", 0],
  ["ElectLeaders", 0],
  ["EndTxn", 1],
  ["ExpireDelegationToken", 1],
  ["Fetch", 8],
  ["FindCoordinator", 2],
  ["Heartbeat", 2],
  ["IncrementalAlterConfigs", 0],
  ["InitProducerId", 1],
  ["JoinGroup", 3],
  ["LeaveGroup", 2],
  ["ListGroups", 2],
  ["ListOffsets", 3],
  ["ListPartitionReassignments", 0],
  ["Metadata", 6],
  ["OffsetCommit", 4],
  ["OffsetDelete", 0],
  ["OffsetFetch", 4],
  ["Produce", 6],
  ["RenewDelegationToken", 1],
  ["SyncGroup", 2],
  ["TxnOffsetCommit", 1],
  ["UnregisterBroker", 0],
]);

/**
 * Q2: half of the time after which brokers close a connection that is silent (`connections.max.idle.ms`), whatever they asked for before.
 * Java has no limit here; an absurd value would leave us with a connection that is open and dumb for weeks.
 */
const LONGEST_THROTTLE_MS = 300_000;

/** Q2: no quota asks for that; something is wrong with the broker, or with what stands between. */
export function isAbsurdThrottle(throttleTimeMs: number): boolean {
  return throttleTimeMs < 0 || throttleTimeMs > LONGEST_THROTTLE_MS;
}

/** How long no further request may be sent; 0 for not at all. */
export function clientThrottleMs(api: string, version: number, throttleTimeMs: number): number {
  const first = FIRST_THROTTLING_VERSION.get(api);
  if (first === undefined || version < first || !(throttleTimeMs > 0)) return 0;
  return Math.min(throttleTimeMs, LONGEST_THROTTLE_MS);
}
