// A scenario that is a Python program: it is given the broker and a suffix for its names, and prints what it saw.

import { fileURLToPath } from "node:url";
import type { Scenario } from "../scenario.ts";
import { pythonWithClients } from "./environment.ts";

export interface PythonScenario {
  readonly client: "kafka-python" | "confluent-kafka";
  readonly name: string;
  /** The program's file in this folder. */
  readonly program: string;
  /** What the program is told besides. */
  readonly parameters?: readonly string[];
  readonly timeoutMs?: number;
}

/** The observation is an object: the program prints a line `["what", seen]` for each of its fields, see scenario.py. */
export function pythonScenario({ program, parameters = [], ...scenario }: PythonScenario): Scenario {
  return {
    ...scenario,
    async run(stage) {
      const path = fileURLToPath(new URL(program, import.meta.url));
      const given = JSON.stringify({ bootstrapServers: stage.bootstrapServers, suffix: stage.unique("") });
      // Compiled files would land beside the sources.
      const env = { PYTHONDONTWRITEBYTECODE: "1" };
      const { stdout } = await stage.run(await pythonWithClients(), ["-u", path, given, ...parameters], { env });
      const observation = new Map<string, unknown>();
      for (const line of stage.hide(stdout).trimEnd().split("\n")) {
        const [what, seen]: [string, unknown] = JSON.parse(line);
        if (observation.has(what)) throw new Error(`${program} says twice what it saw as "${what}"`);
        observation.set(what, seen);
      }
      return Object.fromEntries(observation);
    },
  };
}
