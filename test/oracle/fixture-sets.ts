// Which fixtures there are: the compact set that the repository holds, and the full one that a conformance run can make.

import type { FixtureVariant } from "../support/fixtures.ts";
import { generateFixtures, OLD_ORACLE_VERSION } from "../support/oracle.ts";

/**
 * The versions that Kafka 4.0 dropped (KIP-896) and 3.9 still speaks, of the APIs that clients call, and WriteTxnMarkers. Left out:
 * version 0 of the share group APIs, an early access that no release kept.
 */
const DROPPED_VERSIONS: Readonly<Record<string, string>> = {
  Produce: "0-2",
  Fetch: "0-3",
  ListOffsets: "0",
  OffsetCommit: "0-1",
  OffsetFetch: "0",
  CreateTopics: "0-1",
  DeleteTopics: "0",
  OffsetForLeaderEpoch: "0-1",
  WriteTxnMarkers: "0",
  DescribeAcls: "0",
  CreateAcls: "0",
  DeleteAcls: "0",
  DescribeConfigs: "0",
  AlterReplicaLogDirs: "0",
  DescribeLogDirs: "0",
  CreateDelegationToken: "0",
  RenewDelegationToken: "0",
  ExpireDelegationToken: "0",
  DescribeDelegationToken: "0",
};

const COMPACT_VARIANTS: readonly FixtureVariant[] = ["TYPICAL", "NULLS", "MAX", "UNKNOWN_TAGS"];

/** What fixtures/ holds, not yet compressed: some 300 kB when it is. */
export async function generateCompactSet(folder: string): Promise<void> {
  await generateFixtures(folder, { clientOnly: true, also: ["WriteTxnMarkers"], variants: COMPACT_VARIANTS, largeRecords: false });
  await generateFixtures(folder, { only: DROPPED_VERSIONS, variants: COMPACT_VARIANTS, kafkaVersion: OLD_ORACLE_VERSION });
}

/** Every API, version and variant that Kafka's classes know, large batches too: some 20 MB. */
export async function generateFullSet(folder: string): Promise<void> {
  await generateFixtures(folder, { full: true });
  await generateFixtures(folder, { only: DROPPED_VERSIONS, kafkaVersion: OLD_ORACLE_VERSION, full: true });
}
