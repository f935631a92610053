import { Consumer, systemRuntime } from "../../index.ts";
import { type Command, FAILED, OK, type Output } from "../command.ts";
import { complain, failureOf, reporting } from "../complaints.ts";
import { consumeHelp } from "../consumption/consume-help.ts";
import { type ConsumeParameters, consumeParameters } from "../consumption/consume-parameters.ts";
import { summaryJson, summaryText } from "../consumption/consumption-report.ts";
import { ConsumptionRun } from "../consumption/consumption-run.ts";
import { RecordOutput } from "../consumption/record-output.ts";
import { harmlessJson } from "../harmless-text.ts";
import { StatusLine } from "../production/status-line.ts";

const NAME = "consume";

export const consume: Command = {
  name: NAME,
  summary: "prints the records of a topic",
  help: consumeHelp,
  async run(parameters, output) {
    try {
      const surroundings = { isTerminal: output.isTerminal, nowMs: systemRuntime.clock.now() };
      return await runConsume(consumeParameters(parameters, surroundings), output);
    } catch (error) {
      return failureOf({ command: NAME, help: consumeHelp, error });
    }
  },
};

async function runConsume(wanted: ConsumeParameters, output: Output): Promise<number> {
  // Where the records themselves are shown, a line of progress would be written over them.
  const isTerminal = process.stderr.isTTY === true && !output.isTerminal;
  const status = new StatusLine({ write: (text) => process.stderr.write(text), isTerminal });
  const tell = (text: string): void => {
    status.clear();
    complain(NAME, text);
  };
  for (const { name, reason } of wanted.client.ignored) tell(`${name} has no effect here: ${reason}`);
  await using consumer = new Consumer({ ...wanted.client.options, ...reporting(tell, wanted.isVerbose) });
  const { clock } = systemRuntime;
  const run = new ConsumptionRun({ wanted, reader: consumer, output: new RecordOutput(output), status, clock });
  // A member leaves its group first; of what nobody may have read nothing more is committed.
  if (wanted.group !== undefined) output.whenGone?.(() => run.unread());
  const consumption = await run.run();
  status.clear();
  if (consumption.end === "nobody reads") {
    await consumer.close({ autocommit: false });
    return OK;
  }
  if (!wanted.isQuiet) {
    process.stderr.write(wanted.printsJson ? `${harmlessJson(summaryJson(consumption))}\n` : summaryText(consumption));
  }
  if (consumption.failure !== undefined) throw consumption.failure;
  return consumption.end === "complete" || wanted.follows ? OK : FAILED;
}
