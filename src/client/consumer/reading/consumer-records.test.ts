import { expect, it } from "vitest";
import { consumerStage } from "../../../../test/support/consumer-stage.ts";
import { AssignedPartition } from "../assignment/assigned-partition.ts";
import { ConsumerRecords } from "./consumer-records.ts";

it("a partition of which nothing was read that anybody sees has no records, and no next offset: least of all another's", async () => {
  const stage = await consumerStage();
  await stage.write(["a", "b", "c"]);
  stage.consumer.assign([{ topic: "orders", partition: 0 }]);
  const read = await stage.read(3);
  const [full, before, behind] = [0, 1, 2].map((partition) => new AssignedPartition("orders", partition));
  const runs = [
    { partition: before!, start: 0, end: 0, nextOffset: 7 },
    { partition: full!, start: 0, end: 3, nextOffset: 3 },
    { partition: behind!, start: 3, end: 3, nextOffset: 9 },
  ];
  const records = new ConsumerRecords(read, runs);
  expect(records.partitions()).toEqual([{ topic: "orders", partition: 0 }]);
  expect(records.nextOffsets()).toEqual([{ topic: "orders", partition: 0, offset: 3 }]);
  expect(records.records({ topic: "orders", partition: 2 })).toEqual([]);
});
