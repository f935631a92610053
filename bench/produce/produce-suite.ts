/** Which cases the suite `produce` consists of. */
import type { Case, Suite } from "../suites.ts";

export type Style = "bulk" | "send" | "latency";
export type CodecName = "none" | "lz4" | "zstd";

export interface ProduceCase extends Case {
  readonly style: Style;
  readonly valueBytes: number;
  readonly codec: CodecName;
}

export const PARTITIONS = 3;
/** Of `send`. */
export const OUTSTANDING = 1_000;
/** Of `latency`. */
export const RECORDS_PER_SECOND = 10_000;

const SIZES = { "100B": 100, "1KiB": 1024, "10KiB": 10_240 } as const;
type Size = keyof typeof SIZES;

/** Of the first case of a style; the others differ by what their names say. */
const MEANINGS = {
  bulk: `Values of 100 bytes without a key go into a topic of ${PARTITIONS} partitions as fast as the client takes them, uncompressed. Nobody waits for a single record; the clock stops when all are acknowledged. The other \`bulk\` cases: values of 1,024 and 10,240 bytes, and batches compressed with LZ4 and zstd, at each client's default level.`,
  send: `The same, but every record has a promise (a future, a callback) of its own that is awaited before its sender goes on: ${OUTSTANDING.toLocaleString("en-US")} are outstanding at any time. \`p50\` and \`p99\`: from the call to the acknowledgement. The other \`send\` cases as above.`,
  latency: `${RECORDS_PER_SECOND.toLocaleString("en-US")} records a second, ten every millisecond, each with a promise. \`p50\` and \`p99\`: from the time when the record was due to its acknowledgement. A ratio of 1 only says that both kept the pace.`,
} as const;

function produceCase(style: Style, size: Size, codec: CodecName): ProduceCase {
  const meaning = size === "100B" && codec === "none" ? MEANINGS[style] : undefined;
  const numbers = { unit: "records", unitsPerIteration: 1, bytesPerIteration: SIZES[size] } as const;
  return {
    name: `${style}/${size}/${codec}`,
    ...(meaning !== undefined && { meaning }),
    ...numbers,
    style,
    valueBytes: SIZES[size],
    codec,
  };
}

const sizes = ["100B", "1KiB", "10KiB"] as const;
const codecs = ["none", "lz4", "zstd"] as const;

export const produceCases: readonly ProduceCase[] = [
  ...sizes.flatMap((size) => codecs.map((codec) => produceCase("bulk", size, codec))),
  ...sizes.flatMap((size) => codecs.map((codec) => produceCase("send", size, codec))),
  produceCase("latency", "100B", "none"),
];

export const produceSuite: Suite = {
  name: "produce",
  hasOverview: true,
  cases: produceCases,
  clients: ["kafkawire", "kafkajs", "@platformatic/kafka", "node-rdkafka", "kafka-python", "confluent-kafka", "franz-go", "java"],
};
