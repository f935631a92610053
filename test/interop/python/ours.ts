import { fileURLToPath } from "node:url";
import { ourScenarios, type Reader } from "../ours/our-scenarios.ts";
import type { SeenRecord } from "../ours/written-records.ts";
import type { Scenario } from "../scenario.ts";
import { pythonWithClients } from "./environment.ts";

/** A program that prints each record as a line of JSON. */
function reader(program: string): Reader {
  return async (stage, { topic, partitions, isolation }) => {
    const path = fileURLToPath(new URL(program, import.meta.url));
    const given = JSON.stringify({ bootstrapServers: stage.bootstrapServers, suffix: "" });
    const env = { PYTHONDONTWRITEBYTECODE: "1" };
    const parameters = ["-u", path, given, topic, String(partitions), isolation];
    const { stdout } = await stage.run(await pythonWithClients(), parameters, { env });
    return stdout.split("\n").flatMap((line): SeenRecord[] => (line === "" ? [] : [JSON.parse(line)]));
  };
}

export const kafkaPythonReader: Reader = reader("kafka_python_reader.py");
export const confluentReader: Reader = reader("confluent_reader.py");

export const kafkaPythonReadsOurs: readonly Scenario[] = ourScenarios("kafka-python", kafkaPythonReader);
export const confluentReadsOurs: readonly Scenario[] = ourScenarios("confluent-kafka", confluentReader);
