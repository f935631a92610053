/**
 * `npm run matrix`: the contract suite on real brokers of older lines, and on embedded brokers that pass for them, one after the
 * other. `--only 2.8.2` for one line, `--json` for programs.
 */
import { parseArgs } from "node:util";
import { KAFKA_VERSION } from "../support/kafka/kafka-node.ts";
import { areOldKafkasAvailable } from "../support/kafka/old-kafka.ts";
import { type LineResult, playLine } from "./matrix-line.ts";
import { jsonOf, printDetails, printHead, printRow } from "./matrix-report.ts";
import { type BrokerUnderTest, currentKafka, embeddedBroker, oldKafka, releaseOf } from "./suite/broker-under-test.ts";

/** Newest first. The last one is older than what the client is made for: it has a chapter of its own. */
const LINES: readonly string[] = [KAFKA_VERSION, "3.9.1", "2.8.2", "2.1.1", "1.1.1", "0.11.0.3", "0.10.2.2"];
/** No embedded broker passes for what is older. */
const OLDEST_EMBEDDED = "0.11.0.3";

interface Options {
  readonly lines: readonly string[];
  readonly isJson: boolean;
}

function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const lines = LINES.filter((line) => values.only === undefined || line === values.only);
  if (lines.length === 0) throw new Error(`--only is one of ${LINES.join(", ")}, not ${values.only}`);
  return { lines, isJson: values.json };
}

type Start = () => Promise<BrokerUnderTest | undefined>;

function brokersOf(line: string, isRealThere: boolean): readonly Start[] {
  const isEmbeddedThere = LINES.indexOf(line) <= LINES.indexOf(OLDEST_EMBEDDED);
  const real = line === KAFKA_VERSION ? currentKafka : () => oldKafka(line);
  return [...(isRealThere ? [real] : []), ...(isEmbeddedThere ? [() => embeddedBroker(releaseOf(line))] : [])];
}

async function run({ lines, isJson }: Options): Promise<boolean> {
  const isRealThere = await areOldKafkasAvailable(lines.filter((line) => line !== KAFKA_VERSION));
  const results: LineResult[] = [];
  if (!isJson) printHead();
  for (const line of lines) {
    for (const start of brokersOf(line, isRealThere)) {
      const result = await playLine(line, start);
      if (result === undefined) continue;
      results.push(result);
      if (isJson) console.log(JSON.stringify(jsonOf(result)));
      else printRow(result);
    }
  }
  if (!isJson) printDetails(results);
  const sum = (of: (result: LineResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  const [passed, failed] = [sum((it) => it.passed), sum((it) => it.failures.length)];
  console.log(isJson ? JSON.stringify({ passed, failed }) : `${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

process.exitCode = (await run(optionsFrom(process.argv.slice(2)))) ? 0 : 1;
