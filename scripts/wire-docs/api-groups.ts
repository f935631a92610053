/** What an API is about, told from its name, so that a new API finds its place by itself. The first that fits counts. */
const groups: readonly (readonly [title: string, names: RegExp])[] = [
  ["Connecting", /^(ApiVersions|Metadata|FindCoordinator|Sasl\w+)$/],
  ["Records", /^(Produce|Fetch|ListOffsets|OffsetForLeaderEpoch|DeleteRecords)$/],
  ["Transactions", /Txn|InitProducerId|Transactions$|^DescribeProducers$/],
  ["Share groups", /^Share|ShareGroup/],
  ["Streams groups", /^Streams/],
  ["Consumer groups", /Group|^Heartbeat$|^Offset(Commit|Fetch|Delete)$/],
  ["Access", /Acl|DelegationToken|Scram/],
  ["Settings and quotas", /Config|Quota/],
  ["Telemetry", /Telemetry/],
  ["Cluster", /Raft|Quorum|Cluster|^Unregister|Features/],
  ["Topics and partitions", /Topic|Partition|LogDirs|ElectLeaders/],
];

const OTHERS = "Others";

/** The title of the group that an API of this name belongs to. */
export function groupOf(apiName: string): string {
  return groups.find(([, names]) => names.test(apiName))?.[0] ?? OTHERS;
}

/** All titles, in the order of a tour. */
export const groupTitles: readonly string[] = [...groups.map(([title]) => title), OTHERS];
