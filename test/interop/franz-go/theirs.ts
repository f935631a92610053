import type { Scenario } from "../scenario.ts";
import type { Told } from "../theirs/plan.ts";
import { theirScenarios } from "../theirs/their-scenarios.ts";
import { goProgram, goTool } from "./go-program.ts";
import { franzGoReader } from "./ours.ts";

export const franzGoWrites: readonly Scenario[] = theirScenarios({
  client: "franz-go",
  read: franzGoReader,
  can: {
    // It counts in nanoseconds, and those of 64 bits end in the year 2262.
    timestamps: ["-1", "0", "1", "9223372036854"],
    nullHeaders: true,
    binaryHeaders: true,
    namelessHeaders: true,
    emptyRecords: true,
    tellsBrokerTimes: false,
    transactionPartitions: 2,
  },
  async write(stage, topic, steps) {
    const executable = await goProgram(goTool() ?? "go");
    const parameters = ["write", stage.bootstrapServers, "go", topic];
    const { stdout } = await stage.run(executable, parameters, { input: JSON.stringify(steps) });
    const told: readonly Told[] = JSON.parse(stdout);
    return told;
  },
});
