// Groups of both protocols while nodes are killed and cut off, and members killed and restarted. `npm run chaos -- consume` does the same
// for as long as one likes, with blows and acts of more kinds.

import { expect, it, onTestFinished } from "vitest";
import { KafkaCluster } from "../support/kafka/kafka-cluster.ts";
import { isRealKafkaAvailable } from "../support/kafka/kafka-node.ts";
import { BLOWS } from "./chaos/blows.ts";
import { ACTS } from "./chaos/consume/acts.ts";
import { SHORT_SESSIONS, TOPICS } from "./chaos/consume/cast.ts";
import { runConsumeChaos } from "./chaos/consume/consume-chaos.ts";
import { figuresOf, proofsOf, violationsOf } from "./chaos/consume/figures.ts";
import { OFFSETS_TOPIC } from "./chaos/consume/stored-commits.ts";
import { leaderOf } from "./chaos/targets.ts";

/** The cluster itself takes its time over elections on a busy machine. */
const PATIENT_MS = 300_000;
const BLOW_MS = 1500;
const A_SECOND = 100;

it.skipIf(!isRealKafkaAvailable({ own: true }))(
  "while nodes and members are killed, a group loses and skips nothing, doubles only what was not committed, and no commit goes back",
  { timeout: PATIENT_MS },
  async () => {
    const cluster = await KafkaCluster.start({ nodes: 3, proxied: true, properties: SHORT_SESSIONS });
    onTestFinished(() => cluster.close());
    const blows = [
      { blow: BLOWS.kill, at: leaderOf([OFFSETS_TOPIC]), forMs: BLOW_MS },
      { blow: BLOWS.cut, at: leaderOf(Object.keys(TOPICS)), forMs: BLOW_MS },
    ];
    const acts = [[ACTS.killed], [ACTS.closed, ACTS.joined]];
    const result = await runConsumeChaos(cluster, {
      seed: 1,
      blows,
      hosts: acts.length,
      drawActs: () => acts.shift() ?? [],
      forMs: PATIENT_MS,
      ratePerSecond: A_SECOND,
      prove: true,
    });
    console.info(figuresOf(result).join("\n"));
    expect(violationsOf(result)).toEqual([]);
    expect(result.blows.length).toBe(blows.length);
    expect(proofsOf(result)).toEqual([
      expect.objectContaining({ isFound: true, what: expect.stringContaining("ahead") }),
      expect.objectContaining({ isFound: true, what: expect.stringContaining("skipped") }),
    ]);
    for (const { handed } of result.verdicts) expect(handed).toBeGreaterThanOrEqual(result.records);
  },
);
