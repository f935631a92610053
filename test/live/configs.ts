// Settings of topics, brokers and groups, and quotas.

import { expect } from "vitest";
import { unique, when } from "./live.ts";
import * as refusals from "./refusals.ts";
import type { Script, Scripts } from "./script.ts";

const TOPIC = 2;
const BROKER = 4;
const BROKER_LOGGER = 8;
const CLIENT_METRICS = 16;
const GROUP = 32;

const describeConfigs: Script = async (live, version, { topic, brokerId }) => {
  const more = { ...when(version >= 1, { includeSynonyms: true }), ...when(version >= 3, { includeDocumentation: true }) };
  const named = (resourceType: number, resourceName: string) => ({ resourceType, resourceName, configurationKeys: null });
  const types = [
    named(TOPIC, topic.name),
    named(BROKER, `${brokerId}`),
    named(BROKER_LOGGER, `${brokerId}`),
    named(GROUP, "some-group"),
  ];
  for (const resource of types) {
    const { results } = await live.send("DescribeConfigs", version, { resources: [resource], ...more });
    expect(results[0]?.configs.length).toBeGreaterThan(resource.resourceType === BROKER_LOGGER ? 0 : 5);
  }
  const one = { ...named(TOPIC, topic.name), configurationKeys: ["cleanup.policy"] };
  const { results } = await live.send("DescribeConfigs", version, { resources: [one], ...more });
  expect(results[0]?.configs).toMatchObject([{ name: "cleanup.policy", value: "delete", readOnly: false }]);
  await live.send("DescribeConfigs", version, { resources: [named(TOPIC, "no-such-topic")] }, refusals.unknownTopic);
};

const alterConfigs: Script = async (live, version) => {
  const { name } = await live.newTopic();
  const set = (key: string, value: string, resourceName = name) => ({
    resources: [{ resourceType: TOPIC, resourceName, configs: [{ name: key, value }] }],
  });
  await live.send("AlterConfigs", version, { ...set("retention.ms", "60000"), validateOnly: true });
  await live.send("AlterConfigs", version, set("retention.ms", "60000"));
  await live.send("AlterConfigs", version, set("no.such.setting", "1"), refusals.invalidConfig);
};

const incrementalAlterConfigs: Script = async (live, version, { brokerId }) => {
  const { name } = await live.newTopic();
  const change = (configOperation: number, key: string, value: string | null) => ({ name: key, configOperation, value });
  const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];
  const onTopic = (...configs: ReturnType<typeof change>[]) => ({
    resources: [{ resourceType: TOPIC, resourceName: name, configs }],
  });
  await live.send(
    "IncrementalAlterConfigs",
    version,
    onTopic(change(SET, "retention.ms", "60000"), change(APPEND, "cleanup.policy", "compact")),
  );
  await live.send(
    "IncrementalAlterConfigs",
    version,
    onTopic(change(DELETE, "retention.ms", null), change(SUBTRACT, "cleanup.policy", "compact")),
  );
  const logger = { resourceType: BROKER_LOGGER, resourceName: `${brokerId}`, configs: [change(SET, "kafka.none", "INFO")] };
  await live.send("IncrementalAlterConfigs", version, { resources: [logger], validateOnly: true }, refusals.unknownLogger);
  const metrics = { resourceType: CLIENT_METRICS, resourceName: unique("metrics"), configs: [change(SET, "interval.ms", "60000")] };
  await live.send("IncrementalAlterConfigs", version, { resources: [metrics] });
};

const listConfigResources: Script = async (live, version, { topic }) => {
  const resourceName = unique("metrics");
  const configs = [{ name: "interval.ms", configOperation: 0, value: "60000" }];
  await live.send("IncrementalAlterConfigs", 1, { resources: [{ resourceType: CLIENT_METRICS, resourceName, configs }] });
  const has = (name: string) => (answer: { body: { configResources: readonly { resourceName: string }[] } }) =>
    answer.body.configResources.some((resource) => resource.resourceName === name);
  await live.until("ListConfigResources", version, {}, has(resourceName));
  if (version >= 1) await live.until("ListConfigResources", version, { resourceTypes: [TOPIC, BROKER] }, has(topic.name));
};

const alterClientQuotas: Script = async (live, version) => {
  const entity = [{ entityType: "user", entityName: unique("user") }];
  const op = (key: string, value: number, remove = false) => ({ entries: [{ entity, ops: [{ key, value, remove }] }] });
  await live.send("AlterClientQuotas", version, { ...op("producer_byte_rate", 1024), validateOnly: true });
  const { entries } = await live.send("AlterClientQuotas", version, op("request_percentage", 12.5));
  expect(entries[0]?.entity).toEqual(entity);
  await live.send("AlterClientQuotas", version, op("request_percentage", 0, true));
  await live.send("AlterClientQuotas", version, op("no_such_quota", 1), refusals.unknownQuota);
};

const describeClientQuotas: Script = async (live, version) => {
  const entityName = unique("client");
  const entity = [{ entityType: "client-id", entityName }];
  await live.send("AlterClientQuotas", 1, { entries: [{ entity, ops: [{ key: "request_percentage", value: 12.5 }] }] });
  const EXACT = 0;
  const asked = { components: [{ entityType: "client-id", matchType: EXACT, match: entityName }], strict: true };
  const { entries } = await live.until("DescribeClientQuotas", version, asked, ({ body }) => body.entries?.length === 1);
  expect(entries).toEqual([{ entity, values: [{ key: "request_percentage", value: 12.5 }] }]);
  await live.send("DescribeClientQuotas", version, { components: [] });
};

export const configScripts: Scripts = {
  DescribeConfigs: describeConfigs,
  AlterConfigs: alterConfigs,
  IncrementalAlterConfigs: incrementalAlterConfigs,
  ListConfigResources: listConfigResources,
  AlterClientQuotas: alterClientQuotas,
  DescribeClientQuotas: describeClientQuotas,
};
