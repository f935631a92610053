// Which script asks which API.

import type { ApiName } from "../../../src/protocol/index.ts";
import type { Scripts } from "../script.ts";
import { clusterScripts } from "./cluster.ts";
import { consumerGroupScripts } from "./consumer-groups.ts";
import { groupScripts } from "./groups.ts";
import { offsetScripts } from "./offsets.ts";
import { recordScripts } from "./records.ts";
import { topicScripts } from "./topics.ts";
import { transactionScripts } from "./transactions.ts";

export const scripts: Scripts = {
  ...recordScripts,
  ...transactionScripts,
  ...groupScripts,
  ...consumerGroupScripts,
  ...offsetScripts,
  ...topicScripts,
  ...clusterScripts,
};

/** Versions that a broker has no refusal for, and why. */
export const neverRefused: readonly NoCase[] = [
  { api: "ApiVersions", versions: [0, 2], because: "the request is empty" },
  { api: "DescribeCluster", versions: [0, 0], because: "only the kind of node can be wrong, which came later" },
  { api: "DescribeGroups", versions: [0, 5], because: "what does not exist is a group in the state Dead" },
  { api: "DescribeLogDirs", versions: [1, 5], because: "what does not exist is not listed" },
  { api: "FindCoordinator", versions: [0, 0], because: "any name is a group's" },
  { api: "ListGroups", versions: [0, 5], because: "a filter that fits nothing gives an empty list" },
  { api: "ListConfigResources", versions: [0, 0], because: "the request is empty" },
  { api: "ListTransactions", versions: [0, 1], because: "a filter that fits nothing gives an empty list" },
  { api: "ListPartitionReassignments", versions: [0, 0], because: "what does not exist is not listed" },
  { api: "OffsetFetch", versions: [1, 8], because: "what does not exist has the offset -1" },
];

/** Versions that a broker accepts nothing in, and why. */
export const neverAccepted: readonly NoCase[] = [
  { api: "Produce", versions: [0, 2], because: "they are only named, for old librdkafkas (KAFKA-18659)" },
];

/**
 * Scripts whose versions are played one after the other: they look at everything there is, or (with Produce and TxnOffsetCommit) the
 * broker verifies the transactions of several requests together and answers all of them as one version.
 */
export const oneAfterTheOther: ReadonlySet<ApiName> = new Set<ApiName>([
  "DeleteGroups",
  "ListGroups",
  "Metadata",
  "Produce",
  "TxnOffsetCommit",
]);

export interface NoCase {
  readonly api: ApiName;
  readonly versions: readonly [first: number, last: number];
  readonly because: string;
}
