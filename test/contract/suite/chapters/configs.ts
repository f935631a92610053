// Settings of topics and brokers.

import assert from "node:assert/strict";
import { type Chapter, chapter } from "../contract.ts";
import { refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";

const altering = "single settings altered";

async function configOf(stage: Stage, name: string, config: string): Promise<string | null | undefined> {
  const [topic] = await stage.admin.describeConfigs([{ type: "topic", name }]);
  return topic?.configs?.get(config)?.value;
}

async function brokerOf(stage: Stage): Promise<string> {
  const [broker] = (await stage.admin.describeCluster()).brokers;
  return String(broker?.nodeId);
}

export const configs: Chapter = chapter("Configs", ({ contract }) => {
  contract("a topic's settings are told, those that nobody has set as defaults", async (stage) => {
    const name = await stage.topic({ configs: { "max.message.bytes": "2000" } });
    const [topic] = await stage.admin.describeConfigs([{ type: "topic", name }]);
    const entries = topic?.configs;
    assert.equal(entries?.get("max.message.bytes")?.value, "2000");
    assert.equal(entries?.get("max.message.bytes")?.isDefault, false);
    assert.equal(entries?.get("cleanup.policy")?.value, "delete");
    assert.equal(entries?.get("cleanup.policy")?.isDefault, true);
    assert.equal(entries?.get("cleanup.policy")?.isReadOnly, false);
    assert.equal(entries?.get("no.such.config"), undefined);
  });

  contract("only the settings that were asked for are told", async (stage) => {
    const name = await stage.topic();
    const [topic] = await stage.admin.describeConfigs([{ type: "topic", name, configs: ["retention.ms", "segment.bytes"] }]);
    assert.deepEqual([...(topic?.configs?.keys() ?? [])].sort(), ["retention.ms", "segment.bytes"]);
  });

  contract(
    "a setting's source is told, and what it overrides",
    async (stage) => {
      const name = await stage.topic({ configs: { "retention.ms": "60000" } });
      const [topic] = await stage.admin.describeConfigs([{ type: "topic", name }], { includeSynonyms: true });
      const retention = topic?.configs?.get("retention.ms");
      assert.equal(retention?.source, "topic");
      assert.deepEqual(retention?.synonyms[0], { name: "retention.ms", value: "60000", source: "topic" });
      const policy = topic?.configs?.get("cleanup.policy");
      assert.equal(policy?.source, "default");
      assert.deepEqual(
        policy?.synonyms.map((it) => [it.name, it.source]),
        [["log.cleanup.policy", "default"]],
      );
    },
    { needs: "sources of settings" },
  );

  contract(
    "a setting's type and documentation are told",
    async (stage) => {
      const name = await stage.topic();
      const [topic] = await stage.admin.describeConfigs([{ type: "topic", name }], { includeDocumentation: true });
      assert.equal(topic?.configs?.get("retention.ms")?.type, "long");
      assert.equal(topic?.configs?.get("cleanup.policy")?.type, "list");
      assert.equal(topic?.configs?.get("preallocate")?.type, "boolean");
      assert.ok((topic?.configs?.get("retention.ms")?.documentation ?? "").length > 20);
    },
    { needs: "types of settings" },
  );

  contract(
    "a topic that is not there has no settings",
    async (stage) => {
      const name = stage.uniqueName();
      await refused("UNKNOWN_TOPIC_OR_PARTITION", stage.admin.describeConfigs([{ type: "topic", name }]));
    },
    { needs: "settings of topics that are there only" },
  );

  contract("a broker's settings are told, and which of them cannot be changed while it runs", async (stage) => {
    const name = await brokerOf(stage);
    const [broker] = await stage.admin.describeConfigs([{ type: "broker", name }]);
    assert.equal(broker?.configs?.get("auto.create.topics.enable")?.value, "true");
    assert.equal(broker?.configs?.get("log.dirs")?.isReadOnly ?? true, true);
    assert.ok((broker?.configs?.size ?? 0) > 50, `${broker?.configs?.size} settings`);
  });

  contract("a broker's secrets are not told", async (stage) => {
    const name = await brokerOf(stage);
    const [broker] = await stage.admin.describeConfigs([{ type: "broker", name }]);
    const secret = broker?.configs?.get("ssl.keystore.password");
    assert.equal(secret?.isSensitive, true);
    assert.equal(secret?.value, null);
  });

  contract("topics and brokers are described by one call", async (stage) => {
    const [topic, broker] = [await stage.topic(), await brokerOf(stage)];
    const results = await stage.admin.describeConfigs([
      { type: "broker", name: broker },
      { type: "topic", name: topic },
    ]);
    assert.deepEqual(
      results.map(({ type, name, error }) => [type, name, error]),
      [
        ["broker", broker, undefined],
        ["topic", topic, undefined],
      ],
    );
  });

  contract(
    "one setting is set, and the others stay",
    async (stage) => {
      const name = await stage.topic({ configs: { "max.message.bytes": "2000" } });
      await stage.admin.incrementalAlterConfigs([{ type: "topic", name, set: { "retention.ms": "60000" } }]);
      await stage.eventually(async () => assert.equal(await configOf(stage, name, "retention.ms"), "60000"));
      assert.equal(await configOf(stage, name, "max.message.bytes"), "2000");
    },
    { needs: altering },
  );

  contract("one setting is set also where brokers can only replace all of them, if that is wanted", async (stage) => {
    const name = await stage.topic({ configs: { "max.message.bytes": "2000" } });
    const change = { type: "topic", name, set: { "retention.ms": "60000" } } as const;
    await stage.admin.incrementalAlterConfigs([change], { replaceOnOldBrokers: true });
    await stage.eventually(async () => assert.equal(await configOf(stage, name, "retention.ms"), "60000"));
    assert.equal(await configOf(stage, name, "max.message.bytes"), "2000");
  });

  contract(
    "a setting deleted is at its default again",
    async (stage) => {
      const name = await stage.topic({ configs: { "retention.ms": "60000" } });
      await stage.admin.incrementalAlterConfigs([{ type: "topic", name, delete: ["retention.ms"] }]);
      await stage.eventually(async () => assert.equal(await configOf(stage, name, "retention.ms"), "604800000"));
    },
    { needs: altering },
  );

  contract(
    "a list takes another value, and gives one back",
    async (stage) => {
      const name = await stage.topic({ configs: { "cleanup.policy": "compact" } });
      await stage.admin.incrementalAlterConfigs([{ type: "topic", name, append: { "cleanup.policy": "delete" } }]);
      await stage.eventually(async () => assert.equal(await configOf(stage, name, "cleanup.policy"), "compact,delete"));
      await stage.admin.incrementalAlterConfigs([{ type: "topic", name, subtract: { "cleanup.policy": "compact" } }]);
      await stage.eventually(async () => assert.equal(await configOf(stage, name, "cleanup.policy"), "delete"));
    },
    { needs: altering },
  );

  contract(
    "a value that is none changes nothing",
    async (stage) => {
      const name = await stage.topic();
      const set = { "retention.ms": "long" };
      // The latter is what brokers with ZooKeeper say.
      const codes = ["INVALID_CONFIG", "INVALID_REQUEST"];
      await refused(codes, stage.admin.incrementalAlterConfigs([{ type: "topic", name, set }]));
      assert.equal(await configOf(stage, name, "retention.ms"), "604800000");
    },
    { needs: altering },
  );

  contract(
    "a dry run alters nothing",
    async (stage) => {
      const name = await stage.topic();
      const set = { "retention.ms": "60000" };
      await stage.admin.incrementalAlterConfigs([{ type: "topic", name, set }], { validateOnly: true });
      assert.equal(await configOf(stage, name, "retention.ms"), "604800000");
    },
    { needs: altering },
  );

  contract(
    "a topic that is not there cannot be altered",
    async (stage) => {
      const set = { "retention.ms": "60000" };
      const altered = stage.admin.incrementalAlterConfigs([{ type: "topic", name: stage.uniqueName(), set }]);
      await refused("UNKNOWN_TOPIC_OR_PARTITION", altered);
    },
    { needs: altering },
  );

  contract(
    "a broker's setting is altered while it runs, and its source says so",
    async (stage) => {
      const name = await brokerOf(stage);
      const source = async (): Promise<string | undefined> => {
        const [broker] = await stage.admin.describeConfigs([{ type: "broker", name }]);
        return broker?.configs?.get("log.cleaner.backoff.ms")?.source;
      };
      await stage.admin.incrementalAlterConfigs([{ type: "broker", name, set: { "log.cleaner.backoff.ms": "20000" } }]);
      await stage.eventually(async () => assert.equal(await source(), "dynamicBroker"));
      await stage.admin.incrementalAlterConfigs([{ type: "broker", name, delete: ["log.cleaner.backoff.ms"] }]);
      await stage.eventually(async () => assert.equal(await source(), "default"));
    },
    { needs: altering },
  );
});
