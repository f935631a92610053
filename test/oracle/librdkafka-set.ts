// Where librdkafka's partitioners send the keys of test/support/partition-keys.ts: librdkafka_partitions.py, with Python's clients.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonWithClients } from "../interop/python/environment.ts";
import { partitionKey } from "../support/partition-keys.ts";

const PROGRAM = fileURLToPath(new URL("librdkafka_partitions.py", import.meta.url));
/** The first ones of those that Java was asked for. */
const KEYS = 2000;

/** Writes key-partitions-librdkafka.jsonl, the same in every run. */
export async function generateLibrdkafkaSet(folder: string): Promise<void> {
  const python = spawn(await pythonWithClients(), [PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
  const written = once(python.stdout.pipe(createWriteStream(join(folder, "key-partitions-librdkafka.jsonl"))), "finish");
  for (let index = 0; index < KEYS; index++) python.stdin.write(`${partitionKey(index).toString("hex")}\n`);
  python.stdin.end();
  const [code] = await once(python, "exit");
  await written;
  if (code !== 0) throw new Error(`${PROGRAM} ended with ${code}`);
}
