// Where partitions begin and end, and what lies at a point in time.

import assert from "node:assert/strict";
import type { ListedOffset, OffsetPlace } from "../../../../src/index.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refusalOf, refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";

const START = 1_700_000_000_000;
/** The times are of 2023, which is longer ago than a broker keeps records. */
const FOREVER = { "retention.ms": "-1" } as const;
const NONE = -1;

/** One partition with five records, written one by one; the third is the youngest. */
async function written(stage: Stage): Promise<string> {
  const topic = await stage.topic({ configs: FOREVER });
  for (const seconds of [0, 1, 4, 2, 3]) await stage.produce(topic, 0, [{ value: "it", timestamp: START + seconds * 1000 }]);
  return topic;
}

/** A call takes a partition once. */
async function at(stage: Stage, topic: string, ...places: readonly OffsetPlace[]): Promise<readonly (ListedOffset | undefined)[]> {
  const results = await Promise.all(places.map((place) => stage.admin.listOffsets([{ topic, partition: 0, at: place }])));
  return results.flat().map((result) => (result.error === undefined ? result : undefined));
}

export const offsets: Chapter = chapter("Offsets", ({ contract }) => {
  contract("an empty partition begins and ends at 0", async (stage) => {
    const [earliest, latest] = await at(stage, await stage.topic(), "earliest", "latest");
    assert.deepEqual([earliest?.offset, latest?.offset], [0, 0]);
  });

  contract("a partition begins with its first record and ends behind its last one", async (stage) => {
    const [earliest, latest] = await at(stage, await written(stage), "earliest", "latest");
    assert.deepEqual([earliest?.offset, latest?.offset], [0, 5]);
  });

  contract("a point in time is the first record that is as young or younger", async (stage) => {
    const times = [-1, 0, 1, 1500, 2000, 4000].map((ms) => ({ timestampMs: START + ms }));
    const results = await at(stage, await written(stage), ...times);
    assert.deepEqual(
      results.map((it) => it?.offset),
      [0, 0, 1, 2, 2, 2],
    );
    assert.deepEqual(
      results.map((it) => it?.timestampMs),
      [0, 0, 1000, 4000, 4000, 4000].map((ms) => START + ms),
    );
  });

  contract("behind the youngest record there is nothing", async (stage) => {
    const [result] = await at(stage, await written(stage), { timestampMs: START + 4001 });
    assert.equal(result?.offset, NONE);
    assert.equal(result.timestampMs, NONE);
  });

  contract(
    "the youngest record is found",
    async (stage) => {
      const [result] = await at(stage, await written(stage), "maxTimestamp");
      assert.equal(result?.offset, 2);
      assert.equal(result.timestampMs, START + 4000);
    },
    { needs: "the youngest record" },
  );

  contract(
    "the youngest record of an empty partition is none",
    async (stage) => {
      const [result] = await at(stage, await stage.topic(), "maxTimestamp");
      assert.equal(result?.offset, NONE);
    },
    { needs: "the youngest record" },
  );

  contract("a topic and a partition that are not there are errors of their own", async (stage) => {
    const [topic, missing] = [await stage.topic({ numPartitions: 2 }), stage.uniqueName()];
    const places: readonly (readonly [string, number])[] = [
      [topic, 1],
      [missing, 0],
      [topic, 7],
      [topic, 0],
    ];
    const results = await stage.admin.listOffsets(places.map(([name, partition]) => ({ topic: name, partition, at: "latest" })));
    assert.deepEqual(
      results.map((result) => [result.topic, result.partition, result.offset, result.error?.code]),
      [
        [topic, 1, 0, undefined],
        [missing, 0, undefined, "UNKNOWN_TOPIC_OR_PARTITION"],
        [topic, 7, undefined, "UNKNOWN_TOPIC_OR_PARTITION"],
        [topic, 0, 0, undefined],
      ],
    );
  });

  contract("a call that cannot succeed ends by its time", async (stage) => {
    const queries = [{ topic: stage.uniqueName(), partition: 0, at: "latest" as const }];
    const error = await refusalOf(stage.admin.listOffsets(queries, { timeoutMs: 300 }));
    assert.ok(["UNKNOWN_TOPIC_OR_PARTITION", "REQUEST_TIMEOUT"].includes(error.code), error.message);
  });

  contract("a hundred partitions are asked for at once", async (stage) => {
    const topic = await stage.topic({ numPartitions: 100 });
    await stage.produce(topic, 99, [{ value: "it" }]);
    const asked = Array.from({ length: 100 }, (_, partition) => ({ topic, partition, at: "latest" as const }));
    const results = await stage.admin.listOffsets(asked);
    assert.deepEqual(
      results.map(({ partition, offset }) => [partition, offset]),
      asked.map(({ partition }) => [partition, partition === 99 ? 1 : 0]),
    );
  });

  contract("records deleted move the beginning, and not the end", async (stage) => {
    const topic = await written(stage);
    const [deleted] = await stage.admin.deleteRecords([{ topic, partition: 0, offset: 3 }]);
    assert.equal(deleted?.lowWatermark, 3);
    const [earliest, latest] = await at(stage, topic, "earliest", "latest");
    assert.deepEqual([earliest?.offset, latest?.offset], [3, 5]);
  });

  contract("records are deleted to the end", async (stage) => {
    const topic = await written(stage);
    const [deleted] = await stage.admin.deleteRecords([{ topic, partition: 0, offset: "highWatermark" }]);
    assert.equal(deleted?.lowWatermark, 5);
  });

  contract("records that are not there yet cannot be deleted", async (stage) => {
    const topic = await written(stage);
    await refused("OFFSET_OUT_OF_RANGE", stage.admin.deleteRecords([{ topic, partition: 0, offset: 6 }]));
  });

  contract("of a topic that is only compacted no records are deleted", async (stage) => {
    const topic = await stage.topic({ configs: { "cleanup.policy": "compact" } });
    await refused("POLICY_VIOLATION", stage.admin.deleteRecords([{ topic, partition: 0, offset: 0 }]));
  });
});
