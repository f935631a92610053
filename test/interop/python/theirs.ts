import { fileURLToPath } from "node:url";
import type { Reader } from "../ours/our-scenarios.ts";
import type { ClientName, Scenario } from "../scenario.ts";
import type { Abilities, Told } from "../theirs/plan.ts";
import { theirScenarios } from "../theirs/their-scenarios.ts";
import { pythonWithClients } from "./environment.ts";
import { confluentReader, kafkaPythonReader } from "./ours.ts";

function writtenBy(client: ClientName, program: string, read: Reader, can: Abilities): readonly Scenario[] {
  return theirScenarios({
    client,
    can,
    read,
    async write(stage, topic, steps) {
      const path = fileURLToPath(new URL(program, import.meta.url));
      const given = JSON.stringify({ bootstrapServers: stage.bootstrapServers, suffix: "" });
      const env = { PYTHONDONTWRITEBYTECODE: "1" };
      const input = JSON.stringify(steps);
      const { stdout } = await stage.run(await pythonWithClients(), ["-u", path, given, topic], { env, input });
      const told: readonly Told[] = JSON.parse(stdout);
      return told;
    },
  });
}

export const kafkaPythonWrites: readonly Scenario[] = writtenBy("kafka-python", "kafka_python_writer.py", kafkaPythonReader, {
  timestamps: ["-1", "0", "1", "253402300799999", "8640000000000001", "9007199254740991"],
  nullHeaders: false,
  binaryHeaders: true,
  namelessHeaders: true,
  emptyRecords: false,
  tellsBrokerTimes: true,
  transactionPartitions: 2,
});

export const confluentWrites: readonly Scenario[] = writtenBy("confluent-kafka", "confluent_writer.py", confluentReader, {
  // Without 0, which is librdkafka's word for now.
  timestamps: ["-1", "1", "253402300799999", "8640000000000001", "9007199254740991"],
  nullHeaders: true,
  binaryHeaders: true,
  namelessHeaders: true,
  emptyRecords: true,
  tellsBrokerTimes: true,
  transactionPartitions: 2,
});
