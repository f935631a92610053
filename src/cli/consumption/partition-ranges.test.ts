import { describe, expect, it } from "vitest";
import { BrokerError, IllegalStateError, type TopicPartition } from "../../index.ts";
import { type OffsetSource, partitionRanges, type WantedRange } from "./partition-ranges.ts";
import type { Place } from "./place.ts";

const NOW = 1000;

/** Two partitions: offsets 10 to 20, and 0 to 5. A record's time is a hundred times its offset; nothing is later than the last one. */
const LOGS: readonly (readonly [beginning: number, end: number])[] = [
  [10, 20],
  [0, 5],
];

const source: OffsetSource = {
  partitionsForTopic: (topic) => Promise.resolve(new Set(topic === "orders" ? [1, 0] : [])),
  beginningOffsets: (places) => Promise.resolve(places.map((place) => ({ ...place, offset: logOf(place)[0] }))),
  endOffsets: (places) => Promise.resolve(places.map((place) => ({ ...place, offset: logOf(place)[1] }))),
  offsetsForTimes: (queries) =>
    Promise.resolve(
      queries.map(({ topic, partition, timestampMs }) => {
        const [beginning, end] = logOf({ topic, partition });
        const offset = Math.max(beginning, Math.ceil(timestampMs / 100));
        return { topic, partition, offset: offset < end ? offset : null };
      }),
    ),
};

function logOf({ partition }: TopicPartition): readonly [beginning: number, end: number] {
  return LOGS[partition] ?? [0, 0];
}

async function ranges(more: Partial<WantedRange> = {}): Promise<readonly string[]> {
  const wanted = { topic: "orders", partitions: undefined, from: place("beginning"), until: undefined, follows: false, ...more };
  const found = await partitionRanges(source, wanted, NOW, {});
  return found.map(({ partition, from, until }) => `${partition}: ${from} to ${until}`);
}

function place(kind: "beginning" | "end"): Place {
  return { kind };
}

const at = (offset: number): Place => ({ kind: "offset", offset });
const last = (records: number): Place => ({ kind: "before the end", records });
const time = (timestampMs: number): Place => ({ kind: "time", timestampMs });

describe("what is to be read of each partition", () => {
  it.each([
    ["everything that is there", {}, ["0: 10 to 20", "1: 0 to 5"]],
    ["some partitions", { partitions: [1] }, ["1: 0 to 5"]],
    ["from the end: nothing", { from: place("end") }, ["0: 20 to 20", "1: 5 to 5"]],
    ["from an offset, as far as a partition has it", { from: at(3) }, ["0: 10 to 20", "1: 3 to 5"]],
    ["from an offset beyond the end", { from: at(100) }, ["0: 20 to 20", "1: 5 to 5"]],
    ["the last few", { from: last(7) }, ["0: 13 to 20", "1: 0 to 5"]],
    ["from a time", { from: time(250) }, ["0: 10 to 20", "1: 3 to 5"]],
    ["from a time that nothing has", { from: time(1900) }, ["0: 19 to 20", "1: 5 to 5"]],
    ["until an offset", { until: at(12) }, ["0: 10 to 12", "1: 0 to 5"]],
    ["until an offset before the beginning: nothing", { until: at(3) }, ["0: 10 to 10", "1: 0 to 3"]],
    ["until a time", { until: time(250) }, ["0: 10 to 10", "1: 0 to 3"]],
    ["all but the last few", { until: last(2) }, ["0: 10 to 18", "1: 0 to 3"]],
    ["what comes, without an end", { follows: true, from: place("end") }, ["0: 20 to Infinity", "1: 5 to Infinity"]],
    ["what comes, to an offset that is not there yet", { follows: true, until: at(30) }, ["0: 10 to 30", "1: 0 to 30"]],
    ["what comes, to a time that is over", { follows: true, until: time(250) }, ["0: 10 to 10", "1: 0 to 3"]],
    ["what comes, to a time that is to come", { follows: true, until: time(1001) }, ["0: 10 to Infinity", "1: 0 to Infinity"]],
  ] satisfies (readonly [string, Partial<WantedRange>, readonly string[]])[])("%s", async (_what, wanted, expected) => {
    expect(await ranges(wanted)).toEqual(expected);
  });

  it("a topic that is not there, and a partition that it has not, are errors", async () => {
    await expect(ranges({ topic: "nowhere" })).rejects.toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
    await expect(ranges({ topic: "nowhere" })).rejects.toBeInstanceOf(BrokerError);
    await expect(ranges({ partitions: [0, 2] })).rejects.toThrow("partition 2: topic 'orders' has 2 partitions, counted from 0");
    await expect(ranges({ partitions: [0, 2] })).rejects.toBeInstanceOf(IllegalStateError);
  });
});
