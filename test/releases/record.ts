/** `npx tsx test/releases/record.ts`: what the old clients see on real brokers. Read the difference before you commit it. */

import { distributions } from "../../scripts/release-versions/kafka-releases.ts";
import { withBrokerAt } from "../../scripts/release-versions/release-broker.ts";
import { writeExpectations } from "./expectations.ts";
import { prepareOldClients, runOldClient } from "./old-client.ts";
import { BROKER_SETTINGS, nameOf, pairs } from "./pairs.ts";

/** One node has to do for what Kafka keeps on three. */
const SMALL: Readonly<Record<string, string>> = {
  "offsets.topic.num.partitions": "1",
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.num.partitions": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  // Off before 1.0.
  "delete.topic.enable": "true",
  // A busy machine must not cost the node its leaderships.
  "broker.session.timeout.ms": "30000",
  "zookeeper.session.timeout.ms": "30000",
};

await prepareOldClients();
const seen = new Map<string, readonly string[]>();
for (const distribution of distributions) {
  const ofRelease = pairs.filter(({ broker }) => broker === distribution.release);
  if (ofRelease.length === 0) continue;
  await withBrokerAt(distribution, { ...BROKER_SETTINGS, ...SMALL }, async ({ host, port }) => {
    for (const pair of ofRelease) {
      seen.set(nameOf(pair), await runOldClient(pair.client, `${host}:${port}`));
      console.log(`${nameOf(pair)} (${distribution.version}): ${seen.get(nameOf(pair))?.length} observations`);
    }
  });
}
writeExpectations(Object.fromEntries(pairs.map((pair) => [nameOf(pair), seen.get(nameOf(pair)) ?? []])));
