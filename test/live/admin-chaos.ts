/** `npx tsx test/live/admin-chaos.ts [--seconds 120] [--seed 1]`: a stream of Admin calls while three real nodes take blows in turn. */
import { parseArgs } from "node:util";
import { KafkaCluster } from "../support/kafka/kafka-cluster.ts";
import { allBlows, runChaos } from "./chaos/chaos.ts";
import { figuresOf, violationsOf } from "./chaos/figures.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "120" }, seed: { type: "string", default: "1" } } });
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(seconds > 0) || !Number.isInteger(seed)) throw new Error("usage: npx tsx test/live/admin-chaos.ts [--seconds S] [--seed N]");

await using cluster = await KafkaCluster.start({ nodes: 3, proxied: true });
const startedMs = performance.now();
const onBlow = (what: string): void => console.log(`${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${what}`);
const result = await runChaos(cluster, { seed, blows: allBlows(seed), forMs: seconds * 1000, onBlow });
console.log(`seed ${seed}, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
for (const line of figuresOf(result)) console.log(line);
if (violationsOf(result).length > 0) process.exitCode = 1;
