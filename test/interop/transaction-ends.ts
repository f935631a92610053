// Where a topic's transactions end.

import { setTimeout as pause } from "node:timers/promises";
import { Admin } from "../../src/index.ts";
import type { Stage } from "./scenario.ts";

const RETRY_MS = 20;

/** The markers of a transaction are written after its producer was told of its end. */
export async function untilAllEnded(stage: Stage, topic: string, numPartitions: number): Promise<void> {
  const admin = new Admin({ bootstrapServers: stage.bootstrapServers });
  const partitions = Array.from({ length: numPartitions }, (_, partition) => ({ topic, partition, at: "latest" as const }));
  try {
    for (;;) {
      const [all, stable] = await Promise.all([
        admin.listOffsets(partitions),
        admin.listOffsets(partitions, { isolationLevel: "readCommitted" }),
      ]);
      if (all.every(({ offset }, i) => offset === stable[i]?.offset)) return;
      await pause(RETRY_MS, undefined, { signal: stage.signal });
    }
  } finally {
    await admin.close();
  }
}
