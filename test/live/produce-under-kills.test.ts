// Producers of all kinds while the leader of most partitions is killed, stopped, cut off, and loses its answers. `npm run chaos -- produce`
// does the same for as long as one likes, with a million records and blows of more kinds.

import { expect, it, onTestFinished } from "vitest";
import { KafkaCluster } from "../support/kafka/kafka-cluster.ts";
import { isRealKafkaAvailable } from "../support/kafka/kafka-node.ts";
import { BLOWS } from "./chaos/blows.ts";
import { figuresOf, violationsOf } from "./chaos/produce/figures.ts";
import { runProduceChaos, TOPICS } from "./chaos/produce/produce-chaos.ts";
import { leaderOf } from "./chaos/targets.ts";

/** The cluster itself takes its time over elections on a busy machine. */
const PATIENT_MS = 300_000;
const BLOW_MS = 1500;
const RECORDS = 16_000;
/** At which pace these are sent; the blows take about as long. */
const SENDING_MS = 16_000;

it.skipIf(!isRealKafkaAvailable({ own: true }))(
  "while leaders are killed, stopped and cut off, nothing acknowledged is lost, doubled or out of order, and transactions are exact",
  { timeout: PATIENT_MS },
  async () => {
    const cluster = await KafkaCluster.start({ nodes: 3, proxied: true });
    onTestFinished(() => cluster.close());
    const at = leaderOf(Object.keys(TOPICS));
    const blows = [BLOWS.kill, BLOWS.deaf, BLOWS.cut, BLOWS.freeze].map((blow) => ({ blow, at, forMs: BLOW_MS }));
    const result = await runProduceChaos(cluster, {
      seed: 1,
      blows,
      forMs: PATIENT_MS,
      sendingMs: SENDING_MS,
      records: RECORDS,
      prove: true,
    });
    console.info(figuresOf(result).join("\n"));
    expect(violationsOf(result)).toEqual([]);
    expect(result.blows.length).toBe(blows.length);
    expect(result.ledger.countOf("acknowledged")).toBeGreaterThan(RECORDS / 2);
    for (const { ends } of result.transactional) expect(ends.committed).toBeGreaterThan(0);
    for (const kind of ["lost", "doubled", "reordered", "torn-transaction", "aborted-visible", "eos-copy"] as const)
      expect(result.proofs).toContainEqual(expect.objectContaining({ kind, isFound: true }));
  },
);
