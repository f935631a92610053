// A stream of Admin calls while one of three real nodes is killed, frozen, cut off: every call ends in time, and what was acknowledged
// stays. `npm run chaos -- admin` does the same for as long as one likes, with blows of more kinds.

import { expect, it, onTestFinished } from "vitest";
import { KafkaCluster } from "../support/kafka/kafka-cluster.ts";
import { isRealKafkaAvailable } from "../support/kafka/kafka-node.ts";
import { runAdminChaos } from "./chaos/admin/admin-chaos.ts";
import { CHANGES } from "./chaos/admin/caller.ts";
import { figuresOf, violationsOf } from "./chaos/admin/figures.ts";
import { BLOWS } from "./chaos/blows.ts";
import { CONTROLLER, NO_CONTROLLER } from "./chaos/targets.ts";

/** The cluster itself takes its time over elections on a busy machine. */
const PATIENT_MS = 240_000;
const BLOW_MS = 2000;

it.skipIf(!isRealKafkaAvailable({ own: true }))(
  "C1, C5, C8: while nodes are killed, frozen and cut off, each call succeeds or fails typed within its deadline, and nothing acknowledged is lost",
  { timeout: PATIENT_MS },
  async () => {
    const cluster = await KafkaCluster.start({ nodes: 3, proxied: true });
    onTestFinished(() => cluster.close());
    const blows = [
      { blow: BLOWS.kill, at: CONTROLLER, forMs: BLOW_MS },
      { blow: BLOWS.freeze, at: NO_CONTROLLER, forMs: BLOW_MS },
      { blow: BLOWS.cut, at: CONTROLLER, forMs: 0 },
      { blow: BLOWS.deaf, at: NO_CONTROLLER, forMs: BLOW_MS },
    ] as const;
    const result = await runAdminChaos(cluster, { seed: 1, blows, forMs: PATIENT_MS });
    console.info(figuresOf(result).join("\n"));
    expect(violationsOf(result)).toEqual([]);
    expect(result.blows.length).toBe(blows.length);
    const succeeded = new Set(result.calls.records.filter(({ ending }) => ending === "succeeded").map(({ kind }) => kind));
    // Not each kind: how many calls there are is for the machine to say.
    expect([...CHANGES].filter((change) => succeeded.has(change))).not.toEqual([]);
    expect(result.verdict.facts).toBeGreaterThan(0);
  },
);
