import { ourScenarios, type Reader } from "../ours/our-scenarios.ts";
import type { SeenRecord } from "../ours/written-records.ts";
import type { Scenario } from "../scenario.ts";
import { goProgram, goTool } from "./go-program.ts";

export const franzGoReader: Reader = async (stage, { topic, partitions, isolation }) => {
  const executable = await goProgram(goTool() ?? "go");
  // It makes no names, so that it needs no prefix of its own.
  const parameters = ["records", stage.bootstrapServers, "go", topic, String(partitions), isolation];
  const seen: readonly SeenRecord[] = JSON.parse((await stage.run(executable, parameters)).stdout);
  return seen;
};

export const readsOurs: readonly Scenario[] = ourScenarios("franz-go", franzGoReader);
