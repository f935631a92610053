/** Consumers that wait for records that do not come: what they cost the processor. */
import { dirname, join } from "node:path";
import { Producer } from "../../src/client/producer/producer.ts";
import { type ClientRun, namedSettings, numberField, outputOf, runFromFields } from "../real-broker/client-process.ts";
import type { BenchClient } from "../real-broker/clients.ts";
import type { Stage } from "../real-broker/stage.ts";
import type { ConsumeCase } from "./consume-suite.ts";

/** Between the last record and the measurement: what is done once is not what idling costs. */
const SETTLE_MS = 5_000;
const MEASURE_MS = 20_000;

/** Its `records` are seconds of one consumer. */
export async function runIdle(stage: Stage, { case: it, client }: { case: ConsumeCase; client: BenchClient }): Promise<ClientRun> {
  const { bootstrapServers, topics, environment } = stage;
  const { partitions } = it.data;
  const { consumers = 1 } = it;
  const [topic = ""] = await topics.create(1, partitions);
  try {
    await writeOneEach(bootstrapServers, topic, partitions);
    const [node, , clientFile = ""] = client.command;
    const worker = join(dirname(clientFile), "idle.mjs");
    const settings = { bootstrap: bootstrapServers, topic, partitions, consumers, settleMs: SETTLE_MS, measureMs: MEASURE_MS };
    const environments = { ...environment, ...client.environment };
    const printed = await outputOf(node, [worker, clientFile, ...namedSettings(settings)], environments);
    const fields: unknown = JSON.parse(printed);
    return runFromFields({ ...Object(fields), records: consumers * numberField(fields, "seconds") });
  } finally {
    await topics.remove(topic);
  }
}

/** So that it shows when a consumer reads all of them. */
async function writeOneEach(bootstrapServers: string, topic: string, partitions: number): Promise<void> {
  const producer = new Producer({ bootstrapServers, clientId: "bench" });
  try {
    await Promise.all(Array.from({ length: partitions }, (_, partition) => producer.send(topic, { value: "x", partition })));
  } finally {
    await producer.close();
  }
}
