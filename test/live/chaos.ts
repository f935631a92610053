/** `npm run -s chaos -- produce|consume|admin [--seconds S] [--seed N] …`: three real nodes that take blows in turn, under load. */
import { parseArgs } from "node:util";
import { KafkaCluster } from "../support/kafka/kafka-cluster.ts";
import { allBlows, runAdminChaos } from "./chaos/admin/admin-chaos.ts";
import { figuresOf as adminFigures, violationsOf as adminViolations } from "./chaos/admin/figures.ts";
import { drawActs } from "./chaos/consume/acts.ts";
import { HEARTBEAT_PROPERTIES } from "./chaos/consume/cast.ts";
import { consumeBlows, runConsumeChaos } from "./chaos/consume/consume-chaos.ts";
import { figuresOf as consumeFigures, isPassed } from "./chaos/consume/figures.ts";
import { figuresOf, violationsOf } from "./chaos/produce/figures.ts";
import { produceBlows, runProduceChaos, TOPICS } from "./chaos/produce/produce-chaos.ts";

const USAGE = `usage: npm run -s chaos -- produce [--seconds 120] [--seed 1] [--records 1000000] [--rate PER_SECOND] [--prove]
       npm run -s chaos -- consume [--seconds 120] [--seed 1] [--rate PER_SECOND] [--prove]
       npm run -s chaos -- admin [--seconds 120] [--seed 1]
--prove: produce falsifies copies of what was read, each loss, duplicate and so on that is planted must be found;
         consume has two more groups, whose members make mistakes, which must be found`;
const RECORDS_A_SECOND = 8400;
/** Every group reads each of them. */
const READ_A_SECOND = 500;

interface Settings {
  readonly seconds: number;
  readonly seed: number;
  readonly records: number | undefined;
  readonly rate: number | undefined;
  readonly prove: boolean;
}

const SUBJECTS: Readonly<Record<string, (settings: Settings) => Promise<boolean>>> = { produce, consume, admin };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "120" },
    seed: { type: "string", default: "1" },
    records: { type: "string" },
    rate: { type: "string" },
    prove: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [subject = ""] = positionals;
const settings: Settings = {
  seconds: numberOf("seconds", values.seconds),
  seed: numberOf("seed", values.seed),
  records: values.records === undefined ? undefined : numberOf("records", values.records),
  rate: values.rate === undefined ? undefined : numberOf("rate", values.rate),
  prove: values.prove,
};
const run = Object.hasOwn(SUBJECTS, subject) ? SUBJECTS[subject] : undefined;
if (values.help) console.log(USAGE);
else if (run === undefined || positionals.length !== 1) usageError(`there is no chaos of '${positionals.join(" ")}'`);
else if (!(await run(settings))) process.exitCode = 1;

async function produce({ seconds, seed, records, rate, prove }: Settings): Promise<boolean> {
  await using cluster = await KafkaCluster.start({ nodes: 3, proxied: true });
  const result = await runProduceChaos(cluster, {
    seed,
    blows: produceBlows(seed, Object.keys(TOPICS)),
    forMs: seconds * 1000,
    sendingMs: seconds * 1000,
    records: records ?? Math.ceil((rate ?? RECORDS_A_SECOND) * seconds),
    onEvent: tellTime(),
    prove,
  });
  console.log(`seed ${seed}`);
  for (const line of figuresOf(result)) console.log(line);
  return violationsOf(result).length === 0 && result.proofs.every(({ isFound }) => isFound);
}

async function consume({ seconds, seed, rate = READ_A_SECOND, prove }: Settings): Promise<boolean> {
  await using cluster = await KafkaCluster.start({ nodes: 3, proxied: true, properties: HEARTBEAT_PROPERTIES });
  const blows = consumeBlows(seed);
  const result = await runConsumeChaos(cluster, {
    seed,
    blows,
    drawActs,
    forMs: seconds * 1000,
    ratePerSecond: rate,
    onEvent: tellTime(),
    prove,
  });
  console.log(`seed ${seed}`);
  for (const line of consumeFigures(result)) console.log(line);
  return isPassed(result);
}

async function admin({ seconds, seed }: Settings): Promise<boolean> {
  await using cluster = await KafkaCluster.start({ nodes: 3, proxied: true });
  const result = await runAdminChaos(cluster, { seed, blows: allBlows(seed), forMs: seconds * 1000, onEvent: tellTime() });
  console.log(`seed ${seed}`);
  for (const line of adminFigures(result)) console.log(line);
  return adminViolations(result).length === 0;
}

function tellTime(): (what: string) => void {
  const startedMs = performance.now();
  return (what) => console.log(`${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${what}`);
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 0xffff_ffff) usageError(`--${name} ${text}: expected a number over 0`);
  return number;
}

function usageError(problem: string): void {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}
