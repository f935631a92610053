// What a release of Kafka cannot do, and how the client says so. The only list: a contract names what it needs, and a broker of an
// earlier release must refuse it in this way. One that keeps the contract nevertheless fails the run: then the list is wrong.

import { isAtLeast } from "../../support/kafka/old-kafka-mode.ts";

interface Ability {
  /** The first release that can. */
  readonly since: string;
  /** What earlier ones lack. */
  readonly reason: string;
  /** How it shows: the client throws UnsupportedVersionError, or what it returns lacks a value. */
  readonly shows: "UnsupportedVersionError" | "no value";
}

export type Capability =
  | "added partitions"
  | "sources of settings"
  | "wrong values named"
  | "settings of topics that are there only"
  | "leader epochs"
  | "authorized operations"
  | "single settings altered"
  | "broker's defaults for new topics"
  | "created topics in the answer"
  | "types of settings"
  | "topic ids"
  | "the youngest record"
  | "checked assignments"
  | "features agreed upon"
  | "features"
  | "zstd"
  | "invalid records named"
  | "members that commit in transactions"
  | "checked positions"
  | "static members"
  | "stable offsets"
  | "transactions of version 2"
  | "groups whose coordinator assigns"
  | "share groups";

const abilities: Readonly<Record<Capability, Ability>> = {
  "added partitions": {
    since: "1.0",
    reason: "no CreatePartitions before 1.0 (KIP-195)",
    shows: "UnsupportedVersionError",
  },
  "sources of settings": {
    since: "1.1",
    reason: "DescribeConfigs tells sources and synonyms from v1 on, since 1.1 (KIP-226)",
    shows: "UnsupportedVersionError",
  },
  "wrong values named": {
    since: "2.1",
    reason: "CreateTopics answers UNKNOWN_SERVER_ERROR to a setting's value that is none, before 2.1",
    shows: "no value",
  },
  "settings of topics that are there only": {
    since: "2.0",
    reason: "DescribeConfigs tells settings also of topics that are not there, before 2.0",
    shows: "no value",
  },
  "leader epochs": {
    since: "2.1",
    reason: "Metadata tells leader epochs from v7 on, since 2.1 (KIP-320)",
    shows: "no value",
  },
  "authorized operations": {
    since: "2.3",
    reason: "Metadata tells authorized operations from v8 on, since 2.3 (KIP-430)",
    shows: "UnsupportedVersionError",
  },
  "single settings altered": {
    since: "2.3",
    reason: "no IncrementalAlterConfigs before 2.3 (KIP-339)",
    shows: "UnsupportedVersionError",
  },
  "broker's defaults for new topics": {
    since: "2.4",
    reason: "CreateTopics takes no defaults before v4, since 2.4 (KIP-464)",
    shows: "UnsupportedVersionError",
  },
  "created topics in the answer": {
    since: "2.4",
    reason: "CreateTopics tells what it has created from v5 on, since 2.4 (KIP-525)",
    shows: "no value",
  },
  "types of settings": {
    since: "2.6",
    reason: "DescribeConfigs tells types and documentation from v3 on, since 2.6 (KIP-569)",
    shows: "UnsupportedVersionError",
  },
  "topic ids": {
    since: "2.8",
    reason: "no topic ids before 2.8 (KIP-516)",
    shows: "no value",
  },
  "the youngest record": {
    since: "3.0",
    reason: "ListOffsets finds the youngest record from v7 on, since 3.0 (KIP-734)",
    shows: "UnsupportedVersionError",
  },
  "checked assignments": {
    since: "3.3",
    reason: "a controller with ZooKeeper takes assignments to brokers that there are not, and waits for them",
    shows: "no value",
  },
  "features agreed upon": {
    since: "3.3",
    reason: "UpdateFeatures validates from v1 on, since 3.3 (KIP-778)",
    shows: "UnsupportedVersionError",
  },
  zstd: {
    since: "2.1",
    reason: "no zstd before 2.1 (KIP-110)",
    shows: "UnsupportedVersionError",
  },
  "invalid records named": {
    since: "2.4",
    reason: "Produce tells which records are invalid from v8 on, since 2.4 (KIP-467)",
    shows: "no value",
  },
  "members that commit in transactions": {
    since: "2.5",
    reason: "TxnOffsetCommit names the member from v3 on, since 2.5 (KIP-447)",
    shows: "no value",
  },
  "checked positions": {
    since: "2.3",
    reason: "OffsetForLeaderEpoch is for consumers from v3 on, since 2.3 (KIP-320)",
    shows: "no value",
  },
  "static members": {
    since: "2.3",
    reason: "no static members before 2.3 (KIP-345)",
    shows: "no value",
  },
  "stable offsets": {
    since: "2.5",
    reason: "OffsetFetch tells offsets that a transaction is about to replace, before v7, since 2.5 (KIP-447)",
    shows: "no value",
  },
  "transactions of version 2": {
    since: "4.0",
    reason: "no transactions of version 2 before 4.0 (KIP-890)",
    shows: "no value",
  },
  "groups whose coordinator assigns": {
    since: "4.0",
    reason: "ConsumerGroupHeartbeat is switched off before 4.0 (KIP-848)",
    shows: "no value",
  },
  "share groups": {
    since: "4.2",
    reason: "no ShareFetch v2 before 4.2: no strict limit of records, and no renewals (KIP-1206, KIP-1222)",
    shows: "no value",
  },
  features: {
    since: "3.3",
    reason: "brokers with ZooKeeper have no features; a release passes for one with KRaft since 3.3 (KIP-584)",
    shows: "no value",
  },
};

export interface Inability extends Ability {
  readonly capability: Capability;
}

/** What keeps a broker of this release from something that needs all of these; undefined if nothing does. */
export function inabilityOf(release: string, needs: readonly Capability[]): Inability | undefined {
  return needs.map((capability) => ({ capability, ...abilities[capability] })).find(({ since }) => !isAtLeast(release, since));
}
