import type { Scenario } from "../scenario.ts";
import type { Told } from "../theirs/plan.ts";
import { theirScenarios } from "../theirs/their-scenarios.ts";
import { javaRuntime } from "./java-runtime.ts";
import { javaReader } from "./ours.ts";

export const javaWrites: readonly Scenario[] = theirScenarios({
  client: "java",
  read: javaReader,
  can: {
    // No -1: Java refuses negative ones.
    timestamps: ["0", "1", "253402300799999", "8640000000000001", "9007199254740991"],
    nullHeaders: true,
    binaryHeaders: true,
    namelessHeaders: true,
    emptyRecords: true,
    tellsBrokerTimes: true,
    transactionPartitions: 2,
  },
  async write(stage, topic, steps) {
    const { java, parameters } = await javaRuntime();
    const program = [...parameters, "interop.Main", "write", stage.bootstrapServers, "", topic];
    const { stdout } = await stage.run(java, program, { input: JSON.stringify(steps) });
    const told: readonly Told[] = JSON.parse(stdout);
    return told;
  },
});
