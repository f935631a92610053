// Creating and deleting topics.

import assert from "node:assert/strict";
import { type Chapter, chapter } from "../contract.ts";
import { refused } from "../refusal.ts";
import { errorsByName } from "../results.ts";

const ONE = { numPartitions: 1, replicationFactor: 1 } as const;

export const topics: Chapter = chapter("Topics", ({ contract }) => {
  contract("a topic created is listed", async (stage) => {
    const name = stage.uniqueName();
    assert.equal((await stage.admin.listTopics()).includes(name), false);
    await stage.admin.createTopics([{ name, ...ONE }]);
    await stage.eventually(async () => assert.equal((await stage.admin.listTopics()).includes(name), true));
  });

  contract("a topic has the partitions and the replicas that were asked for", async (stage) => {
    const name = await stage.topic({ numPartitions: 3 });
    const [described] = await stage.admin.describeTopics([name]);
    assert.deepEqual(
      described?.partitions?.map(({ partition }) => partition),
      [0, 1, 2],
    );
    for (const { replicas } of described?.partitions ?? []) assert.equal(replicas.length, 1);
  });

  contract(
    "without numbers a topic gets as many partitions and replicas as the broker gives by default",
    async (stage) => {
      const name = stage.uniqueName();
      await stage.admin.createTopics([{ name }]);
      await stage.eventually(async () => {
        const [described] = await stage.admin.describeTopics([name]);
        assert.ok((described?.partitions?.length ?? 0) >= 1);
      });
    },
    { needs: "broker's defaults for new topics" },
  );

  contract("a topic takes the configuration that it is created with", async (stage) => {
    const name = await stage.topic({ configs: { "retention.ms": "60000", "cleanup.policy": "compact" } });
    const [topic] = await stage.admin.describeConfigs([{ type: "topic", name }]);
    assert.equal(topic?.configs?.get("retention.ms")?.value, "60000");
    assert.equal(topic?.configs?.get("cleanup.policy")?.value, "compact");
  });

  contract("partitions live on the brokers that they are assigned to", async (stage) => {
    const [broker] = (await stage.admin.describeCluster()).brokers;
    const id = broker?.nodeId ?? -1;
    const name = stage.uniqueName();
    await stage.admin.createTopics([{ name, replicaAssignment: [[id], [id]] }]);
    await stage.untilLed(name, 2);
    const [described] = await stage.admin.describeTopics([name]);
    assert.equal(described?.partitions?.length, 2);
  });

  contract(
    "an assignment to a broker that there is not is refused",
    async (stage) => {
      const created = stage.admin.createTopics([{ name: stage.uniqueName(), replicaAssignment: [[4711]] }], { timeoutMs: 1000 });
      await refused("INVALID_REPLICA_ASSIGNMENT", created);
    },
    { needs: "checked assignments" },
  );

  contract(
    "the answer tells the new topic's id",
    async (stage) => {
      const name = stage.uniqueName();
      const [created] = await stage.admin.createTopics([{ name, ...ONE }]);
      assert.match(created?.topicId ?? "no id", /^[\w-]{22}$/);
      await stage.untilLed(name, 1);
      const [described] = await stage.admin.describeTopics([name]);
      assert.equal(described?.topicId, created?.topicId);
    },
    { needs: "topic ids" },
  );

  contract(
    "the answer tells the new topic's size and configuration",
    async (stage) => {
      const name = stage.uniqueName();
      const configs = { "retention.ms": "60000" };
      const [created] = await stage.admin.createTopics([{ name, numPartitions: 2, replicationFactor: 1, configs }]);
      assert.equal(created?.numPartitions, 2);
      assert.equal(created?.replicationFactor, 1);
      assert.equal(created?.configs?.get("retention.ms")?.value, "60000");
      assert.equal(created?.configs?.get("retention.ms")?.isDefault, false);
      assert.equal(created?.configs?.get("cleanup.policy")?.value, "delete");
    },
    { needs: "created topics in the answer" },
  );

  contract("a dry run creates nothing", async (stage) => {
    const name = stage.uniqueName();
    await stage.admin.createTopics([{ name, ...ONE }], { validateOnly: true });
    // Would it have been created, then before this one.
    await stage.topic();
    assert.equal((await stage.admin.listTopics()).includes(name), false);
  });

  contract("a dry run refuses what could not be created", async (stage) => {
    const name = await stage.topic();
    await refused("TOPIC_ALREADY_EXISTS", stage.admin.createTopics([{ name, ...ONE }], { validateOnly: true }));
  });

  contract("a topic that is there is not created again", async (stage) => {
    const name = await stage.topic();
    const error = await refused("TOPIC_ALREADY_EXISTS", stage.admin.createTopics([{ name, ...ONE }]));
    assert.equal(error.retriable, false);
    assert.ok(error.message.includes(name), error.message);
  });

  contract("a name that is none is refused", async (stage) => {
    await refused("INVALID_TOPIC_EXCEPTION", stage.admin.createTopics([{ name: "no/good", ...ONE }]));
  });

  contract("a name of more than 249 characters is refused", async (stage) => {
    const name = stage.uniqueName().padEnd(250, "x");
    await refused("INVALID_TOPIC_EXCEPTION", stage.admin.createTopics([{ name, ...ONE }]));
    await stage.admin.createTopics([{ name: name.slice(0, 249), ...ONE }]);
  });

  contract("a name that would be mistaken for another one's in metrics is refused", async (stage) => {
    const name = stage.uniqueName("a.b");
    await stage.admin.createTopics([{ name, ...ONE }]);
    await stage.untilLed(name, 1);
    await refused("INVALID_TOPIC_EXCEPTION", stage.admin.createTopics([{ name: name.replace("a.b", "a_b"), ...ONE }]));
  });

  contract("more replicas than there are brokers are refused", async (stage) => {
    const name = stage.uniqueName();
    const replicationFactor = (await stage.admin.describeCluster()).brokers.length + 1;
    await refused("INVALID_REPLICATION_FACTOR", stage.admin.createTopics([{ name, numPartitions: 1, replicationFactor }]));
  });

  contract("a configuration that there is not is refused", async (stage) => {
    const name = stage.uniqueName();
    await refused("INVALID_CONFIG", stage.admin.createTopics([{ name, ...ONE, configs: { "no.such.config": "1" } }]));
  });

  contract(
    "a configuration's value that is none is refused",
    async (stage) => {
      const name = stage.uniqueName();
      await refused("INVALID_CONFIG", stage.admin.createTopics([{ name, ...ONE, configs: { "retention.ms": "long" } }]));
    },
    { needs: "wrong values named" },
  );

  contract("of many topics each succeeds or fails by itself, in the order that was asked for", async (stage) => {
    const [good, there, alsoGood] = [stage.uniqueName("z"), await stage.topic(), stage.uniqueName("a")];
    const names = [good, "no/good", there, alsoGood];
    const results = await stage.admin.createTopics(names.map((name) => ({ name, ...ONE })));
    assert.deepEqual(errorsByName(results), [
      [good, undefined],
      ["no/good", "INVALID_TOPIC_EXCEPTION"],
      [there, "TOPIC_ALREADY_EXISTS"],
      [alsoGood, undefined],
    ]);
  });

  contract("fifty topics are created by one call", async (stage) => {
    const names = Array.from({ length: 50 }, (_, i) => stage.uniqueName(String(i)));
    const results = await stage.admin.createTopics(names.map((name) => ({ name, ...ONE })));
    assert.deepEqual(
      results.map(({ name, error }) => [name, error]),
      names.map((name) => [name, undefined]),
    );
    await stage.eventually(async () => {
      const listed = new Set(await stage.admin.listTopics());
      assert.deepEqual(
        names.filter((name) => !listed.has(name)),
        [],
      );
    });
  });

  contract("a topic deleted is no longer listed", async (stage) => {
    const name = await stage.topic();
    await stage.admin.deleteTopics([name]);
    await stage.eventually(async () => assert.equal((await stage.admin.listTopics()).includes(name), false));
  });

  contract("a topic that is not there cannot be deleted", async (stage) => {
    await refused("UNKNOWN_TOPIC_OR_PARTITION", stage.admin.deleteTopics([stage.uniqueName()]));
  });

  contract("of many topics each is deleted by itself", async (stage) => {
    const [one, missing, two] = [await stage.topic(), stage.uniqueName(), await stage.topic()];
    assert.deepEqual(errorsByName(await stage.admin.deleteTopics([one, missing, two])), [
      [one, undefined],
      [missing, "UNKNOWN_TOPIC_OR_PARTITION"],
      [two, undefined],
    ]);
  });

  contract(
    "a topic is deleted by its id",
    async (stage) => {
      const name = await stage.topic();
      const [described] = await stage.admin.describeTopics([name]);
      const [deleted] = await stage.admin.deleteTopics([{ topicId: described?.topicId ?? "" }]);
      assert.equal(deleted?.name, name);
      await stage.eventually(async () => assert.equal((await stage.admin.listTopics()).includes(name), false));
    },
    { needs: "topic ids" },
  );

  contract(
    "a topic made anew under the same name has another id",
    async (stage) => {
      const name = await stage.topic();
      const [first] = await stage.admin.describeTopics([name]);
      await stage.admin.deleteTopics([name]);
      // Brokers that keep names in ZooKeeper refuse it until the old one is gone.
      await stage.eventually(() => stage.admin.createTopics([{ name, ...ONE }]));
      await stage.untilLed(name, 1);
      const [second] = await stage.admin.describeTopics([name]);
      assert.match(first?.topicId ?? "no id", /^[\w-]{22}$/);
      assert.match(second?.topicId ?? "no id", /^[\w-]{22}$/);
      assert.notEqual(second?.topicId, first?.topicId);
    },
    { needs: "topic ids" },
  );
});
