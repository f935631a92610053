// What other people's producers have written, read by our consumer in all its ways.

import { isDeepStrictEqual } from "node:util";
import { createTopic } from "../create-topic.ts";
import type { Reader, Reading } from "../ours/our-scenarios.ts";
import type { SeenRecord } from "../ours/written-records.ts";
import type { ClientName, Scenario, Stage } from "../scenario.ts";
import { untilAllEnded } from "../transaction-ends.ts";
import { type Row, readWith, WAYS } from "./our-readers.ts";
import { type Abilities, hex, type Step, type Told } from "./plan.ts";
import { everything, stamped, transactions } from "./plans.ts";

export interface TheirClient {
  readonly client: ClientName;
  readonly can: Abilities;
  /** Follows the plan; resolves to what the producers were told of each record that they sent, in the plan's order. */
  write(stage: Stage, topic: string, steps: readonly Step[]): Promise<readonly Told[]>;
  /** The same client as a reader, who is a witness of what its producers are not told. */
  readonly read: Reader;
}

/** Times may be of long ago, for which a topic would not keep records, and of long hence, for which it would not take them. */
const ANY_TIME = { "retention.ms": "-1", "message.timestamp.after.max.ms": "9223372036854775807" } as const;

/** The same for every client that can write. */
export function theirScenarios({ client, can, write, read }: TheirClient): readonly Scenario[] {
  return [
    {
      client,
      name: "writes every codec, keys, values, nulls, bytes, headers and odd times, and our consumer reads them in four ways",
      timeoutMs: 120_000,
      run: async (stage) => {
        const topic = stage.unique("theirs");
        await createTopic(stage, topic, 3, ANY_TIME);
        const steps = everything(can);
        const wanted = wantedOf(steps, await write(stage, topic, steps), "CreateTime").map(({ row }) => row);
        return readAll(stage, { topic, partitions: 3, isolation: "read_uncommitted" }, byPlace(wanted));
      },
    },
    {
      client,
      name: "writes where the broker sets the times, and our consumer reads the same times as this client",
      run: async (stage) => {
        const topic = stage.unique("their-stamped");
        await createTopic(stage, topic, 1, { "message.timestamp.type": "LogAppendTime" });
        const steps = stamped();
        const told = await write(stage, topic, steps);
        const reading = { topic, partitions: 1, isolation: "read_uncommitted" } as const;
        const wanted = can.tellsBrokerTimes
          ? wantedOf(steps, told, "LogAppendTime").map(({ row }) => row)
          : witnessed(await read(stage, reading), "LogAppendTime");
        return readAll(stage, reading, byPlace(wanted));
      },
    },
    {
      client,
      name: "commits, aborts and interleaves transactions, and our consumer reads of them what this client reads",
      timeoutMs: 120_000,
      run: async (stage) => {
        const topic = stage.unique("their-transactions");
        const partitions = can.transactionPartitions;
        await createTopic(stage, topic, partitions);
        const steps = transactions([stage.unique("a"), stage.unique("b")], can);
        const sent = wantedOf(steps, await write(stage, topic, steps), "CreateTime");
        await untilAllEnded(stage, topic, partitions);
        const observed: unknown[] = [];
        for (const isolation of ["read_committed", "read_uncommitted"] as const) {
          const reading = { topic, partitions, isolation };
          const visible = sent.filter(({ isAborted }) => isolation === "read_uncommitted" || !isAborted).map(({ row }) => row);
          const wanted = byPlace(visible);
          if (isolation === "read_committed") {
            expectSame(`${client} as a reader`, byPlace(witnessed(await read(stage, reading), "CreateTime")), wanted);
          }
          observed.push({ isolation, read: await readAll(stage, reading, wanted) });
        }
        return observed;
      },
    },
  ];
}

/** How many records of each partition every way of reading gives, all of them as wanted and in the order of the log. */
async function readAll(
  stage: Stage,
  reading: Reading,
  wanted: readonly Row[],
): Promise<Readonly<Record<string, readonly number[]>>> {
  const counts = new Map<string, readonly number[]>();
  for (const way of WAYS) {
    const rows = await readWith(way, stage, reading);
    expectSame(`${way.name} (${reading.isolation})`, rows, wanted);
    counts.set(
      way.name,
      Array.from({ length: reading.partitions }, (_, partition) => rows.filter((row) => row[0] === partition).length),
    );
  }
  return Object.fromEntries(counts);
}

function expectSame(who: string, rows: readonly Row[], wanted: readonly Row[]): void {
  for (const [i, row] of wanted.entries()) {
    if (isDeepStrictEqual(row, rows[i])) continue;
    throw new Error(`${who}: ${shown(row)} was written, ${shown(rows[i])} was read (${rows.length} of ${wanted.length} records)`);
  }
  if (rows.length > wanted.length) throw new Error(`${who}: nobody wrote ${shown(rows[wanted.length])}`);
}

const MOST_SHOWN = 600;

function shown(row: Row | undefined): string {
  return row === undefined ? "nothing" : JSON.stringify(row).slice(0, MOST_SHOWN);
}

interface Sent {
  readonly row: Row;
  readonly isAborted: boolean;
}

/** What the plan sent, with the offsets that were told, and the times where the plan has none. */
function wantedOf(steps: readonly Step[], told: readonly Told[], timestampType: string): readonly Sent[] {
  const sends = steps.flatMap((step, at) => (step.do === "send" ? [{ ...step, isAborted: isAborted(steps, at) }] : []));
  const sent = sends.flatMap(({ records, isAborted: gone }) => records.map((record) => ({ record, isAborted: gone })));
  if (sent.length !== told.length) throw new Error(`${sent.length} records are planned, and ${told.length} were acknowledged`);
  return sent.map(({ record, isAborted: gone }, i) => {
    const [offset, time] = told[i] ?? [-1, -1];
    const timestamp = record.timestamp === null ? time : Number(record.timestamp);
    return { row: [record.partition, offset, timestamp, timestampType, record.key, record.value, record.headers], isAborted: gone };
  });
}

/** Whether what the step sends belongs to a transaction that its producer gives up. */
function isAborted(steps: readonly Step[], at: number): boolean {
  const { by } = steps[at] ?? {};
  return steps.slice(at).find((step) => step.by === by && step.do !== "send")?.do === "abort";
}

/** What another reader has seen, all of it text. */
function witnessed(seen: readonly SeenRecord[], timestampType: string): readonly Row[] {
  const asHex = (text: string | null): string | null => (text === null ? null : hex(text));
  return seen.map(({ partition, offset, timestamp, key, value, headers }) => [
    partition,
    offset,
    timestamp,
    timestampType,
    asHex(key),
    asHex(value),
    headers.map(([name, content]) => [name, asHex(content)] as const),
  ]);
}

function byPlace(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
}
