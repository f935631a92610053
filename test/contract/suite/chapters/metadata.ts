// What a client is told of topics.

import assert from "node:assert/strict";
import { errorCode } from "../../../../src/protocol/index.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refused } from "../refusal.ts";
import { errorsByName } from "../results.ts";

/** Of Metadata: since 0.11 a client says whether asking may create a topic. */
const METADATA_VERSION = 4;

const INTERNAL = "__consumer_offsets";

export const metadata: Chapter = chapter("Metadata", ({ contract }) => {
  contract("every partition has a leader among its replicas, which are in sync", async (stage) => {
    const name = await stage.topic({ numPartitions: 3 });
    const brokers = new Set((await stage.admin.describeCluster()).brokers.map(({ nodeId }) => nodeId));
    const [described] = await stage.admin.describeTopics([name]);
    assert.equal(described?.partitions?.length, 3);
    for (const { leaderId, replicas, inSyncReplicas, offlineReplicas } of described?.partitions ?? []) {
      assert.ok(brokers.has(leaderId), `leader ${leaderId}`);
      assert.ok(replicas.includes(leaderId));
      assert.deepEqual(inSyncReplicas, replicas);
      assert.deepEqual(offlineReplicas, []);
    }
  });

  contract(
    "every partition has a leader epoch",
    async (stage) => {
      const name = await stage.topic();
      const [described] = await stage.admin.describeTopics([name]);
      assert.equal(described?.partitions?.[0]?.leaderEpoch, 0);
    },
    { needs: "leader epochs" },
  );

  contract("a topic that is not there is an error of its own", async (stage) => {
    const name = stage.uniqueName();
    const error = await refused("UNKNOWN_TOPIC_OR_PARTITION", stage.admin.describeTopics([name]));
    assert.ok(error.message.includes(name), error.message);
  });

  contract("a name that is none is an error of its own", async (stage) => {
    // The latter is what brokers before 2.8 say: there cannot be such a topic.
    await refused(["INVALID_TOPIC_EXCEPTION", "UNKNOWN_TOPIC_OR_PARTITION"], stage.admin.describeTopics(["no/good"]));
  });

  contract("of many topics each is described or refused by itself, in the order that was asked for", async (stage) => {
    const [one, missing, two] = [await stage.topic(), stage.uniqueName(), await stage.topic()];
    assert.deepEqual(errorsByName(await stage.admin.describeTopics([one, missing, two])), [
      [one, undefined],
      [missing, "UNKNOWN_TOPIC_OR_PARTITION"],
      [two, undefined],
    ]);
  });

  contract("describing a topic that is not there does not create it", async (stage) => {
    const name = stage.uniqueName();
    await refused("UNKNOWN_TOPIC_OR_PARTITION", stage.admin.describeTopics([name]));
    // Would it have been created, then before this one.
    await stage.topic();
    assert.equal((await stage.admin.listTopics()).includes(name), false);
  });

  contract("who asks for a topic that is not there creates it, if that is allowed", async (stage) => {
    const name = stage.uniqueName();
    await stage.ask("Metadata", METADATA_VERSION, { topics: [{ name }], allowAutoTopicCreation: true });
    await stage.untilLed(name, 1);
    assert.equal((await stage.admin.listTopics()).includes(name), true);
  });

  contract("who asks for a topic that is not there does not create it, if that is not wanted", async (stage) => {
    const name = stage.uniqueName();
    const { topics } = await stage.ask("Metadata", METADATA_VERSION, { topics: [{ name }], allowAutoTopicCreation: false });
    assert.equal(errorCode(topics[0]?.errorCode ?? 0).name, "UNKNOWN_TOPIC_OR_PARTITION");
    await stage.topic();
    assert.equal((await stage.admin.listTopics()).includes(name), false);
  });

  contract("Kafka's own topics are listed only if asked for, and marked", async (stage) => {
    // The first group makes the broker create it.
    await stage.eventually(async () => {
      const { errorCode: code } = await stage.ask("FindCoordinator", 0, { key: stage.uniqueName("group") });
      assert.equal(code, 0);
    });
    assert.equal((await stage.admin.listTopics()).includes(INTERNAL), false);
    assert.equal((await stage.admin.listTopics({ includeInternal: true })).includes(INTERNAL), true);
    const [described] = await stage.admin.describeTopics([INTERNAL]);
    assert.equal(described?.isInternal, true);
  });

  contract("nothing asked for is nothing described", async (stage) => {
    assert.deepEqual(await stage.admin.describeTopics([]), []);
  });

  contract(
    "a topic is described by its id",
    async (stage) => {
      const name = await stage.topic();
      const [byName] = await stage.admin.describeTopics([name]);
      const [byId] = await stage.admin.describeTopics([{ topicId: byName?.topicId ?? "" }]);
      assert.equal(byId?.name, name);
      await refused("UNKNOWN_TOPIC_ID", stage.admin.describeTopics([{ topicId: "AAAAAAAAQAAAAAAAAAAAAQ" }]));
    },
    { needs: "topic ids" },
  );
});
