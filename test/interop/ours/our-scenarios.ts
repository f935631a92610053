// What our producer has written, read by other people's clients.

import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { ClientName, Scenario, Stage } from "../scenario.ts";
import { type SeenRecord, writeEverything, writeStamped, writeTransactions } from "./written-records.ts";

export interface Reading {
  readonly topic: string;
  readonly partitions: number;
  readonly isolation: "read_committed" | "read_uncommitted";
}

/** Reads a topic to its end. The order of the partitions does not matter. */
export type Reader = (stage: Stage, reading: Reading) => Promise<readonly SeenRecord[]>;

/** The same for every client that can read. */
export function ourScenarios(client: ClientName, read: Reader): readonly Scenario[] {
  return [
    {
      client,
      name: "reads what our producer has written: every codec, keys, values, nulls, headers and times, in order",
      timeoutMs: 120_000,
      run: async (stage) => {
        const topic = stage.unique("records");
        const wanted = await writeEverything(stage, topic);
        return compared(wanted, await read(stage, { topic, partitions: 3, isolation: "read_uncommitted" }));
      },
    },
    {
      client,
      name: "reads the broker's times on what our producer has written, the same as were told",
      run: async (stage) => {
        const topic = stage.unique("stamped");
        const wanted = await writeStamped(stage, topic);
        return { ...compared(wanted, await read(stage, { topic, partitions: 1, isolation: "read_uncommitted" })), digest: "" };
      },
    },
    {
      client,
      name: "reads what our producer has committed, and nothing of what it has aborted",
      timeoutMs: 120_000,
      run: async (stage) => {
        const topic = stage.unique("transactions");
        const wanted = await writeTransactions(stage, topic);
        const committed = compared(wanted, await read(stage, { topic, partitions: 2, isolation: "read_committed" }));
        const all = await read(stage, { topic, partitions: 2, isolation: "read_uncommitted" });
        return { committed, uncommitted: all.length };
      },
    },
  ];
}

function compared(wanted: readonly SeenRecord[], seen: readonly SeenRecord[]): { records: number; digest: string } {
  const [sent, read] = [wanted, seen].map((records) =>
    records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset).map(rowOf),
  );
  if (sent === undefined || read === undefined) throw new Error("there is nothing to compare");
  for (const [i, row] of sent.entries()) {
    if (!isDeepStrictEqual(row, read[i])) throw new Error(`sent ${JSON.stringify(row)}, read ${JSON.stringify(read[i])}`);
  }
  if (read.length > sent.length) throw new Error(`nobody sent ${JSON.stringify(read[sent.length])}`);
  return { records: read.length, digest: createHash("sha256").update(JSON.stringify(read)).digest("hex").slice(0, 16) };
}

function rowOf({ partition, offset, timestamp, key, value, headers }: SeenRecord): readonly unknown[] {
  return [partition, offset, timestamp, key, value, headers];
}
