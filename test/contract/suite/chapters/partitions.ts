// Adding partitions to topics.

import assert from "node:assert/strict";
import { type Chapter, chapter } from "../contract.ts";
import { refused } from "../refusal.ts";
import { errorsByName } from "../results.ts";

const needs = "added partitions";

export const partitions: Chapter = chapter("Partitions", ({ contract }) => {
  contract(
    "a topic grows to the total that was asked for, and keeps its records",
    async (stage) => {
      const name = await stage.topic();
      await stage.produce(name, 0, [{ value: "kept" }]);
      await stage.admin.createPartitions({ [name]: 4 });
      await stage.untilLed(name, 4);
      const [described] = await stage.admin.describeTopics([name]);
      assert.deepEqual(
        described?.partitions?.map(({ partition }) => partition),
        [0, 1, 2, 3],
      );
      const [first] = await stage.admin.listOffsets([{ topic: name, partition: 0, at: "latest" }]);
      assert.equal(first?.offset, 1);
    },
    { needs },
  );

  contract(
    "a topic does not shrink",
    async (stage) => {
      const name = await stage.topic({ numPartitions: 2 });
      await refused("INVALID_PARTITIONS", stage.admin.createPartitions({ [name]: 1 }));
      await refused("INVALID_PARTITIONS", stage.admin.createPartitions({ [name]: 2 }));
    },
    { needs },
  );

  contract(
    "a dry run adds nothing",
    async (stage) => {
      const name = await stage.topic();
      await stage.admin.createPartitions({ [name]: 3 }, { validateOnly: true });
      const [described] = await stage.admin.describeTopics([name]);
      assert.equal(described?.partitions?.length, 1);
    },
    { needs },
  );

  contract(
    "added partitions live where they are told to",
    async (stage) => {
      const [broker] = (await stage.admin.describeCluster()).brokers;
      const name = await stage.topic();
      const id = broker?.nodeId ?? -1;
      await stage.admin.createPartitions({ [name]: { total: 3, newAssignments: [[id], [id]] } });
      await stage.untilLed(name, 3);
      await refused("INVALID_REPLICA_ASSIGNMENT", stage.admin.createPartitions({ [name]: { total: 4, newAssignments: [[4711]] } }));
    },
    { needs },
  );

  contract(
    "of many topics each grows by itself",
    async (stage) => {
      const [good, missing] = [await stage.topic(), stage.uniqueName()];
      const results = await stage.admin.createPartitions({ [good]: 2, [missing]: 2 });
      assert.deepEqual(errorsByName(results), [
        [good, undefined],
        [missing, "UNKNOWN_TOPIC_OR_PARTITION"],
      ]);
    },
    { needs },
  );
});
