// Kafka before 0.11: older than what the client is made for. Nothing hangs and nothing is misread; what cannot be is said clearly.

import assert from "node:assert/strict";
import { UnsupportedVersionError } from "../../../../src/index.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refusalOf } from "../refusal.ts";

export const before011: Chapter = chapter("Kafka before 0.11", ({ contract }) => {
  contract("the cluster is told", async (stage) => {
    const { brokers } = await stage.admin.describeCluster();
    assert.equal(brokers.length, 1);
  });

  contract("topics are created, described and deleted", async (stage) => {
    const name = stage.uniqueName();
    await stage.admin.createTopics([{ name, numPartitions: 2, replicationFactor: 1 }]);
    await stage.untilLed(name, 2);
    const [described] = await stage.admin.describeTopics([name]);
    assert.equal(described?.partitions?.length, 2);
    await stage.admin.deleteTopics([name]);
  });

  contract("partitions' ends are told", async (stage) => {
    const topic = await stage.topic();
    const [end] = await stage.admin.listOffsets([{ topic, partition: 0, at: "latest" }]);
    assert.equal(end?.offset, 0);
  });

  contract("what the broker has not got is refused, and both sides are named", async (stage) => {
    const topic = await stage.topic();
    const refusals = [
      await refusalOf(stage.admin.describeConfigs([{ type: "topic", name: topic }])),
      await refusalOf(stage.admin.createPartitions({ [topic]: 2 })),
      await refusalOf(stage.admin.deleteRecords([{ topic, partition: 0, offset: 0 }])),
    ];
    for (const error of refusals) {
      assert.ok(error instanceof UnsupportedVersionError, error.message);
      assert.match(error.message, /broker/);
    }
  });
});
