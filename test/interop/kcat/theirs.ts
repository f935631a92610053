import type { Scenario } from "../scenario.ts";
import { theirScenarios } from "../theirs/their-scenarios.ts";
import { KcatWriter } from "./kcat-writer.ts";
import { kcatReader } from "./ours.ts";

export const kcatWrites: readonly Scenario[] = theirScenarios({
  client: "kcat",
  read: kcatReader,
  can: {
    timestamps: [],
    nullHeaders: true,
    binaryHeaders: false,
    namelessHeaders: false,
    emptyRecords: false,
    tellsBrokerTimes: true,
    transactionPartitions: 1,
  },
  write: (stage, topic, steps) => new KcatWriter(stage, topic).follow(steps),
});
