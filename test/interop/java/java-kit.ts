import type { ClientKit } from "../scenario.ts";
import { javaRuntime, missingJava } from "./java-runtime.ts";
import { mixedGroups } from "./mixed-groups.ts";
import { oursScenarios } from "./ours.ts";
import { programScenarios } from "./program-scenarios.ts";
import { javaWrites } from "./theirs.ts";
import { toolScenarios } from "./tool-scenarios.ts";
import { verifiableScenarios } from "./verifiable-scenarios.ts";

export const javaKit: ClientKit = {
  client: "java",
  prepare: async () => {
    const unavailable = missingJava();
    if (unavailable !== undefined) return { unavailable };
    await javaRuntime();
    return undefined;
  },
  scenarios: [...toolScenarios, ...verifiableScenarios, ...programScenarios, ...oursScenarios, ...javaWrites, ...mixedGroups],
};
