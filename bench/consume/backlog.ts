/** What lies beside the partition whose latency is measured: a partition that has more than anybody will read. */
import { Producer } from "../../src/client/producer/producer.ts";
import { field, numberField } from "../real-broker/client-process.ts";
import type { BesideState } from "./consume-suite.ts";

export const PACED_PARTITION = 0;
const BACKLOG_PARTITION = 1;
/** 100 bytes each: ten times what a consumer fetches of a partition. */
const RECORDS = 200_000;
const VALUE = "x".repeat(100);

export async function fillBacklog(bootstrapServers: string, topic: string): Promise<void> {
  const producer = new Producer({ bootstrapServers, clientId: "bench", lingerMs: 100, batchSize: 65_536 });
  try {
    for (let record = 0; record < RECORDS; record++) {
      while (!producer.produce(topic, { value: VALUE, partition: BACKLOG_PARTITION })) await producer.ready();
    }
    await producer.flush();
  } finally {
    await producer.close();
  }
}

/** It was what it should have been: begun and left, or never touched; and there were records waiting. */
export function requireBeside(state: BesideState, printed: unknown): void {
  const beside = field(printed, "beside");
  const records = numberField(beside, "records");
  const bufferedBytes = numberField(beside, "bufferedBytes");
  const isTouched = state !== "alone";
  if (records > 0 !== isTouched || records >= RECORDS) throw new Error(`${records} records were read of the partition beside`);
  if (isTouched && bufferedBytes < RECORDS) throw new Error(`only ${bufferedBytes} bytes of the partition beside were waiting`);
}
