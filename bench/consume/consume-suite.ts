/** Which cases the suite `consume` consists of. */
import type { Case, Suite } from "../suites.ts";

/** kafkawire has several ways to read; each peer is measured in the best that it documents, which is `bulk` here. */
export type Style = "batches" | "run" | "iterate" | "poll500" | "bulk" | "latency" | "beside" | "idle";
/** What the partition beside the one that is measured is: nobody's, paused, or in slow hands. */
export type BesideState = "alone" | "paused" | "slow";
export type CodecName = "none" | "lz4" | "zstd" | "gzip";

/** A topic as it is before anybody reads. */
export interface DataSet {
  readonly valueBytes: number;
  readonly codec: CodecName;
  readonly partitions: number;
  readonly records: number;
}

export interface ConsumeCase extends Case {
  readonly style: Style;
  /** Of cases that have a topic for each run, only what it is made of. */
  readonly data: DataSet;
  /** Of `latency` and `beside`, whose topic is written while it is read. */
  readonly recordsPerSecond?: number;
  /** Of `beside`. */
  readonly state?: BesideState;
  /** Of `idle`. */
  readonly consumers?: number;
  /** Who takes part, where that is not said by the style. */
  readonly clients?: readonly string[];
}

const PARTITIONS = 3;
/** Read in less than a second by the fastest: who comes to the end begins again, as often as it takes. */
const RECORDS = { "100B": 4_000_000, "1KiB": 1_000_000, "10KiB": 100_000 } as const;
const BYTES = { "100B": 100, "1KiB": 1024, "10KiB": 10_240 } as const;
type Size = keyof typeof BYTES;

const ownStyles = ["batches", "run", "iterate", "poll500"] as const;

/** Of the first case of a style; the others differ by what their names say. */
const MEANINGS = {
  batches: `kafkawire's \`for await (const batch of consumer.batches())\`, and every record of every batch: values of 100 bytes in a topic of ${PARTITIONS} partitions, uncompressed. The other cases: values of 1,024 and 10,240 bytes; batches compressed with LZ4, zstd and gzip; \`1p\` and \`100p\`, one partition and a hundred.`,
  run: "The same topics by `consumer.run({ eachRecord })`.",
  iterate: "The same topics by `for await (const record of consumer)`.",
  poll500: "The same topics by `consumer.poll({ maxRecords: 500 })` in a loop.",
  bulk: "The same topics by each peer, in the best way that it documents. `STYLE/theirs` is kafkawire's speed in that style divided by it.",
  beside:
    "A thousand records of 100 bytes a second in one partition, as in `latency`, read by `run({ concurrency: 2 })`, first `alone`. Then with another partition that has a backlog of 20 MB assigned as well: `paused`, when its first batch has come, and `slow`, with a function that takes 200 ms for each of its records. `p50` and `p99` are those of the first partition.",
  idle: "So many consumers in one process, each of which has a topic of three partitions and has read it: what they take of one core, over 20 s. Every client with its defaults. `2000p`: one consumer that has a topic of 2,000 partitions.",
  latency:
    "So many records of 100 bytes a second, written by another process, one every millisecond or ten at once. `p50` and `p99`: from `send` in that process until the value is in the reader's hands. kafkawire by `batches()`. A ratio of 1 only says that both kept the pace.",
} as const;

const sizes = ["100B", "1KiB", "10KiB"] as const;
const codecs = ["none", "lz4", "zstd", "gzip"] as const;
const paces = [1_000, 10_000] as const;

/** What all styles read, by its name. */
const dataSets: readonly (readonly [name: string, data: DataSet])[] = [
  ...sizes.flatMap((size) => codecs.map((codec) => [`${size}/${codec}`, dataSet(size, codec, PARTITIONS)] as const)),
  ...[1, 100].map((partitions) => [`100B/none/${partitions}p`, dataSet("100B", "none", partitions)] as const),
];

function dataSet(size: Size, codec: CodecName, partitions: number): DataSet {
  return { valueBytes: BYTES[size], codec, partitions, records: RECORDS[size] };
}

function casesOf([table, data]: readonly [name: string, data: DataSet], index: number): readonly ConsumeCase[] {
  const numbers = { unit: "records", unitsPerIteration: 1, bytesPerIteration: data.valueBytes, table, data } as const;
  const meaning = (style: Style): { readonly meaning?: string } => (index === 0 ? { meaning: MEANINGS[style] } : {});
  const against = `bulk/${table}`;
  return [
    ...ownStyles.map((style) => ({ name: `${style}/${table}`, ...meaning(style), ...numbers, style, against })),
    { name: against, ...meaning("bulk"), ...numbers, style: "bulk" },
  ];
}

function latencyCase(recordsPerSecond: number): ConsumeCase {
  const isFirst = recordsPerSecond === paces[0];
  return {
    name: `latency/${recordsPerSecond}`,
    ...(isFirst && { meaning: MEANINGS.latency }),
    unit: "records",
    unitsPerIteration: 1,
    bytesPerIteration: BYTES["100B"],
    style: "latency",
    data: dataSet("100B", "none", PARTITIONS),
    recordsPerSecond,
  };
}

function besideCase(state: BesideState): ConsumeCase {
  return {
    name: `beside/${state}`,
    ...(state === "alone" && { meaning: MEANINGS.beside }),
    unit: "records",
    unitsPerIteration: 1,
    bytesPerIteration: BYTES["100B"],
    style: "beside",
    data: dataSet("100B", "none", 2),
    recordsPerSecond: 1_000,
    state,
    clients: ["kafkawire"],
  };
}

const idle = { unit: "consumers", rate: "consumers/core", unitsPerIteration: 1, bytesPerIteration: 0, style: "idle" } as const;

const idleCases: readonly ConsumeCase[] = [
  {
    ...idle,
    name: "idle/100",
    meaning: MEANINGS.idle,
    data: dataSet("100B", "none", PARTITIONS),
    consumers: 100,
    clients: ["kafkawire", "kafkajs", "@platformatic/kafka"],
  },
  { ...idle, name: "idle/2000p", data: dataSet("100B", "none", 2_000), consumers: 1, clients: ["kafkawire"] },
];

const besideStates = ["alone", "paused", "slow"] as const;

export const consumeCases: readonly ConsumeCase[] = [
  ...dataSets.flatMap(casesOf),
  ...paces.map(latencyCase),
  ...besideStates.map(besideCase),
  ...idleCases,
];

/** Whether it reads what was written before all runs, and not a topic that each run has for itself. */
export function readsWhatWasWritten({ style }: ConsumeCase): boolean {
  return style !== "latency" && style !== "beside" && style !== "idle";
}

export const consumeSuite: Suite = {
  name: "consume",
  hasOverview: true,
  cases: consumeCases,
  clients: ["kafkawire", "kafkajs", "@platformatic/kafka", "node-rdkafka", "kafka-python", "confluent-kafka", "franz-go", "java"],
};
