import { expect, it } from "vitest";
import { consumerStage, placed, TOPIC } from "../../../../test/support/consumer-stage.ts";
import { AssignedPartition } from "../assignment/assigned-partition.ts";
import { FetchBuffer } from "./fetch-buffer.ts";
import { Reader } from "./reader.ts";
import { Taken } from "./taken.ts";

const ignore = (): void => undefined;

function readerOfNothing(): Reader {
  return new Reader({ buffer: new FetchBuffer({ onReadable: ignore, onRoom: ignore }), onUnreadable: ignore, onOpened: ignore });
}

it("a loop holds the partition of its record, also when others moved over what nobody sees", async () => {
  const stage = await consumerStage();
  await stage.write(["a"]);
  stage.consumer.assign([{ topic: TOPIC, partition: 0 }]);
  const records = await stage.poll();
  const [silent, spoken] = [new AssignedPartition(TOPIC, 1), new AssignedPartition(TOPIC, 0)];
  for (const partition of [silent, spoken]) partition.moveTo(0);
  const taken = new Taken();
  taken.note(silent, 0, 5, 0);
  taken.records.push(...records);
  taken.note(spoken, 0, 1, 0);
  const reader = readerOfNothing();
  reader.handOutToLoop(taken);
  expect([placed(records), silent.position, spoken.position, spoken.processedOffset]).toEqual([["0/0 a"], 5, 1, 0]);
  reader.processed();
  expect(spoken.processedOffset).toBe(1);
});

it("what was taken of a partition that was sought since is not handed out, and what was paused is fetched again", async () => {
  const stage = await consumerStage();
  await stage.write(["a"]);
  stage.consumer.assign([{ topic: TOPIC, partition: 0 }]);
  const records = await stage.poll();
  const [sought, paused, read] = [0, 1, 2].map((partition) => new AssignedPartition(TOPIC, partition));
  const taken = new Taken();
  for (const partition of [sought, paused, read]) {
    if (partition === undefined) continue;
    partition.moveTo(0);
    partition.fetched(1, 0);
    const start = taken.records.length;
    taken.records.push(...records);
    taken.note(partition, start, 1, 0);
  }
  sought?.moveTo(7);
  if (paused !== undefined) paused.isPaused = true;
  readerOfNothing().handOut(taken);
  expect(taken.records).toHaveLength(1);
  expect([sought?.position, paused?.position, paused?.fetchOffset, read?.position]).toEqual([7, 0, 0, 1]);
});
