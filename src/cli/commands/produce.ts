import { Producer, systemRuntime } from "../../index.ts";
import { type Command, FAILED, OK, type Output } from "../command.ts";
import { complain, failureOf, reporting } from "../complaints.ts";
import { harmlessJson } from "../harmless-text.ts";
import { produceHelp } from "../production/produce-help.ts";
import { type ProduceParameters, produceParameters } from "../production/produce-parameters.ts";
import { summaryJson, summaryText } from "../production/production-report.ts";
import { ProductionRun } from "../production/production-run.ts";
import { recordSource } from "../production/record-source.ts";
import { StatusLine } from "../production/status-line.ts";

const NAME = "produce";
/** Of a whole file, more records come together than of what an application sends. */
const BATCH_SIZE = 131_072;

export const produce: Command = {
  name: NAME,
  summary: "sends records to a topic, from standard input or a file",
  help: produceHelp,
  async run(parameters, output) {
    try {
      return await runProduce(produceParameters(parameters), output);
    } catch (error) {
      return failureOf({ command: NAME, help: produceHelp, error });
    }
  },
};

async function runProduce(wanted: ProduceParameters, output: Output): Promise<number> {
  const status = new StatusLine({ write: (text) => process.stderr.write(text), isTerminal: process.stderr.isTTY === true });
  const tell = (text: string): void => {
    status.clear();
    complain(NAME, text);
  };
  for (const { name, reason } of wanted.client.ignored) tell(`${name} has no effect here: ${reason}`);
  await using source = await recordSource(wanted.file, process.stdin);
  await using producer = new Producer({ batchSize: BATCH_SIZE, ...wanted.client.options, ...reporting(tell, wanted.isVerbose) });
  const run = new ProductionRun({ wanted, producer, source, status, tell, clock: systemRuntime.clock });
  const production = await run.run();
  status.clear();
  output.write(wanted.printsJson ? `${harmlessJson(summaryJson(production))}\n` : summaryText(production));
  if (production.failure !== undefined) throw production.failure;
  const isComplete = production.end === "end of input" || (production.end === "interrupted" && source.isTyped);
  return isComplete && production.tally.isFlawless ? OK : FAILED;
}
