// Where the embedded broker's answers may differ from Apache Kafka's: this is a table. A row that a full run never needs is a failure.

import type { ApiName } from "../../src/protocol/index.ts";

export interface AllowedDifference {
  /** Any, unless said. */
  readonly api?: ApiName;
  /** Of the path in the answer. */
  readonly path: RegExp;
  /** Only for the request that the script calls so. */
  readonly label?: string;
  /** Only if the embedded broker's answer lacks what stands there. */
  readonly isLack?: true;
  /** All versions, unless said. */
  readonly versions?: readonly [first: number, last: number];
  readonly because: string;
}

export const allowedDifferences: readonly AllowedDifference[] = [
  {
    api: "ApiVersions",
    path: /^apiKeys\[(29|30|31)\]$/,
    isLack: true,
    because: "there are no access control lists, so their APIs are not offered",
  },
  {
    api: "ApiVersions",
    path: /^apiKeys\[(38|39|40|41)\]$/,
    isLack: true,
    because: "there are no delegation tokens; Kafka names their APIs even where they are switched off",
  },
  { api: "ApiVersions", path: /^apiKeys\[49\]$/, isLack: true, because: "there are no quotas to set" },
  {
    api: "ApiVersions",
    path: /^apiKeys\[(34|55|64|80|81)\]$/,
    isLack: true,
    because: "there are no directories to move replicas to, no quorum of controllers, and nodes do not come and go by request",
  },
  {
    api: "ApiVersions",
    path: /^apiKeys\[(7[6-9]|8[3-9]|9[0-2])\]$/,
    isLack: true,
    because: "there are no share groups and no groups of Kafka Streams",
  },
  {
    api: "DescribeConfigs",
    label: "a group",
    path: /^results\[0\]\.configs\[(share|streams)\.[a-z.]+\]$/,
    isLack: true,
    because: "nor have groups settings for them",
  },
  {
    api: "DescribeConfigs",
    path: /\.documentation$/,
    versions: [3, 4],
    because: "the texts are ours",
  },
  {
    api: "DescribeConfigs",
    label: "a broker",
    path: /^results\[0\]\.configs\[[a-z0-9.-]+\]$/,
    isLack: true,
    because: "a broker knows only settings that have an effect here: none of threads, sockets and files",
  },
  {
    api: "DescribeConfigs",
    path: /^results\[0\]\.configs\[group\.initial\.rebalance\.delay\.ms\]\.synonyms\[1\]\.value$/,
    because: "its default is 0 here, so that tests need not wait for members that never come",
  },
  {
    api: "DescribeConfigs",
    path: /^results\[0\]\.configs\[log\.dirs\]\.(value|synonyms\[0\]\.value)$/,
    because: "the records are in memory; the name of the folder is made up",
  },
  {
    api: "DescribeConfigs",
    label: "client metrics",
    path: /^results\[0\]\.(errorCode|errorMessage|configs\[(interval\.ms|match|metrics)\])$/,
    because: "nobody collects metrics of clients here",
  },
  {
    api: "TxnOffsetCommit",
    label: "another name",
    path: /^topics\[0\]\.partitions\[0\]\.errorCode$/,
    because: "the coordinator is asked about every commit, in Kafka only about the first one of a transaction",
  },
  {
    api: "DescribeLogDirs",
    path: /^results\[0\]\.(totalBytes|usableBytes)$/,
    versions: [4, 5],
    because: "memory is no volume whose size could be told",
  },
];
