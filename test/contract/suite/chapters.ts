// The chapters of the suite, in the order in which they are played.

import { isAtLeast } from "../../support/kafka/old-kafka-mode.ts";
import { before011 } from "./chapters/before-0-11.ts";
import { cluster } from "./chapters/cluster.ts";
import { configs } from "./chapters/configs.ts";
import { connections } from "./chapters/connections.ts";
import { consumerAssignment } from "./chapters/consumer-assignment.ts";
import { consumerCommits } from "./chapters/consumer-commits.ts";
import { consumerGroups } from "./chapters/consumer-groups.ts";
import { consumerPositions } from "./chapters/consumer-positions.ts";
import { consumerReading } from "./chapters/consumer-reading.ts";
import { consumerRecords } from "./chapters/consumer-records.ts";
import { consumerTransactions } from "./chapters/consumer-transactions.ts";
import { coordinatedGroups } from "./chapters/coordinated-groups.ts";
import { groupMembers } from "./chapters/group-members.ts";
import { metadata } from "./chapters/metadata.ts";
import { offsets } from "./chapters/offsets.ts";
import { partitions } from "./chapters/partitions.ts";
import { producerRecords } from "./chapters/producer-records.ts";
import { producerSending } from "./chapters/producer-sending.ts";
import { shareConsumer } from "./chapters/share-consumer.ts";
import { staticMembers } from "./chapters/static-members.ts";
import { topics } from "./chapters/topics.ts";
import { transactionalProducers } from "./chapters/transactional-producers.ts";
import { transactions } from "./chapters/transactions.ts";
import type { Chapter } from "./contract.ts";

export const chapters: readonly Chapter[] = [
  connections,
  cluster,
  topics,
  partitions,
  metadata,
  configs,
  offsets,
  producerRecords,
  producerSending,
  transactions,
  transactionalProducers,
  consumerAssignment,
  consumerPositions,
  consumerReading,
  consumerRecords,
  consumerTransactions,
  consumerCommits,
  consumerGroups,
  staticMembers,
  groupMembers,
  coordinatedGroups,
  shareConsumer,
];

/** The first release that the client is made for; a chapter of its own says what becomes of older ones. */
const OLDEST = "0.11";

export function chaptersFor(release: string): readonly Chapter[] {
  return isAtLeast(release, OLDEST) ? chapters : [before011];
}
