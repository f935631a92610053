// The cluster, its settings and its users.

import { nodeScramCrypto } from "../../../src/client/connection/node-scram-crypto.ts";
import { type ApiName, ScramClientExchange } from "../../../src/protocol/index.ts";
import type { RequestBody } from "../../live/exchange.ts";
import { ADMIN, PLAIN_TOKEN, WRONG_PLAIN_TOKEN } from "../../live/node-settings.ts";
import type { Conversation } from "../conversation.ts";
import { newTopic, UNKNOWN_TOPIC } from "../preparations.ts";
import type { Script, Scripts } from "../script.ts";

const [TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP] = [2, 4, 8, 16, 32];
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];
const BROKER_ID = "1";
const NO_SUCH_BROKER = 4711;
const [SCRAM_SHA_256, SCRAM_SHA_512] = [1, 2];

const apiVersions: Script = async (to, version) => {
  const ask = (label: string, clientSoftwareName: string, clientSoftwareVersion: string) =>
    to.compare(label, "ApiVersions", version, { clientSoftwareName, clientSoftwareVersion });
  await ask("all", "kafkawire", "0.1.0");
  if (version === 4) await strangeRequests(to);
  if (version < 3) return;
  await ask("no name", "", "1");
  await ask("no version", "kafkawire", "");
  await ask("a name that is none", "kafka wire!", "1");
};

/** What is no request that a broker could carry out; in hex, after the length: key, version, correlation id, client id. */
async function strangeRequests(to: Conversation): Promise<void> {
  const send = (label: string, api: ApiName, version: number, hex: string) =>
    to.compareBytes(label, api, version, Buffer.from(hex.replaceAll(" ", ""), "hex"));
  await send("a version of the future", "ApiVersions", 4, "0012 0063 00000001 0001 78 00");
  await send("a negative version", "ApiVersions", 4, "0012 ffff 00000001 0001 78");
  await send("an API of the future", "ApiVersions", 4, "03e7 0000 00000001 0001 78");
  await send("an old version of another API", "ApiVersions", 4, "0001 0000 00000001 0001 78");
  await send("a future version of another API", "ApiVersions", 4, "0001 0063 00000001 0001 78 00");
  await send("half a header", "ApiVersions", 4, "0012 0000 0000");
  await send("nothing", "ApiVersions", 4, "");
  await send("a header and no body", "Metadata", 1, "0003 0001 00000001 0001 78");
  await send("a byte too many", "Metadata", 1, "0003 0001 00000001 0001 78 00000000 00");
  await send("a list that is too long", "Metadata", 1, "0003 0001 00000001 0001 78 7fffffff");
}

const describeCluster: Script = async (to, version) => {
  const ask = (label: string, more: RequestBody<"DescribeCluster">) => to.compare(label, "DescribeCluster", version, more);
  await ask("plain", {});
  await ask("with operations", { includeClusterAuthorizedOperations: true });
  if (version >= 1) await ask("controllers", { endpointType: 2 });
  if (version >= 1) await ask("neither", { endpointType: 9 });
  if (version >= 2) await ask("with fenced ones", { includeFencedBrokers: true });
};

const updateFeatures: Script = async (to, version) => {
  const update = (label: string, feature: string, maxVersionLevel: number, upgradeType = 1) =>
    to.compare(label, "UpdateFeatures", version, {
      timeoutMs: 5000,
      featureUpdates: [{ feature, maxVersionLevel, upgradeType, allowDowngrade: upgradeType !== 1 }],
      validateOnly: true,
    });
  await update("the level that it has", "transaction.version", 2);
  await update("a level that does not exist", "transaction.version", 99);
  await update("an unknown feature", "no.such.feature", 1);
  await update("a lower level, as an upgrade", "transaction.version", 1);
  await update("a negative level", "transaction.version", -1);
  if (version >= 1) await update("a lower level, as a downgrade", "transaction.version", 1, 2);
  await to.compare("nothing", "UpdateFeatures", version, { timeoutMs: 5000, featureUpdates: [], validateOnly: true });
};

const describeConfigs: Script = async (to, version, { topic: shared }) => {
  const topic = await newTopic(to, 1, { "retention.ms": "1234567", "cleanup.policy": "compact" });
  const ask = (label: string, resourceType: number, resourceName: string, configurationKeys: readonly string[] | null = null) =>
    to.compare(label, "DescribeConfigs", version, {
      resources: [{ resourceType, resourceName, configurationKeys }],
      includeSynonyms: true,
      includeDocumentation: true,
    });
  await ask("a topic", TOPIC, shared.name);
  await ask("a topic with settings", TOPIC, topic.name);
  await ask("one setting", TOPIC, topic.name, ["retention.ms"]);
  await ask("an unknown setting", TOPIC, topic.name, ["no.such.setting"]);
  await ask("no settings", TOPIC, topic.name, []);
  await ask("an unknown topic", TOPIC, UNKNOWN_TOPIC);
  await ask("an invalid topic", TOPIC, "not / a name");
  await ask("a broker", BROKER, BROKER_ID);
  await ask("all brokers", BROKER, "");
  await ask("another broker", BROKER, String(NO_SUCH_BROKER));
  await ask("a broker that is no number", BROKER, "one");
  await ask("a group", GROUP, "some-group");
  await ask("a group without a name", GROUP, "");
  await ask("client metrics", CLIENT_METRICS, "some-metrics");
  await ask("nothing of the kind", 99, "x");
  const resources = [
    { resourceType: TOPIC, resourceName: topic.name, configurationKeys: ["cleanup.policy"] },
    { resourceType: TOPIC, resourceName: UNKNOWN_TOPIC, configurationKeys: null },
  ];
  await to.compare("two topics, without synonyms", "DescribeConfigs", version, { resources });
};

const alterConfigs: Script = async (to, version) => {
  const { name } = await newTopic(to, 1, { "max.message.bytes": "5000" });
  const set = (
    label: string,
    key: string,
    value: string | null,
    { resourceType = TOPIC, resourceName = name, validateOnly = false } = {},
  ) =>
    to.compare(label, "AlterConfigs", version, {
      resources: [{ resourceType, resourceName, configs: [{ name: key, value }] }],
      validateOnly,
    });
  await set("only checked", "retention.ms", "60000", { validateOnly: true });
  await configsOf(to, "after a check", name, { "max.message.bytes": "5000" });
  await set("a setting", "retention.ms", "60000");
  await configsOf(to, "the other setting is gone", name, { "retention.ms": "60000", "max.message.bytes": "1048588" });
  await settingRefusals((label, key, value, more) => set(label, key, value, more), name);
  await to.compare("nothing", "AlterConfigs", version, { resources: [] });
  await to.compare("no settings", "AlterConfigs", version, {
    resources: [{ resourceType: TOPIC, resourceName: name, configs: [] }],
  });
  await configsOf(to, "all settings are gone", name, { "retention.ms": "-1" });
};

type Setting = (
  label: string,
  key: string,
  value: string | null,
  more?: { resourceType?: number; resourceName?: string },
) => Promise<unknown>;

async function settingRefusals(set: Setting, name: string): Promise<void> {
  await set("an unknown setting", "no.such.setting", "1");
  await set("a bad value", "retention.ms", "soon");
  await set("a value out of range", "max.message.bytes", "-1");
  await set("a value that is not listed", "cleanup.policy", "burn");
  await set("a bad boolean", "preallocate", "maybe");
  await set("a null value", "retention.ms", null);
  await set("an unknown topic", "retention.ms", "1", { resourceName: UNKNOWN_TOPIC });
  await set("an empty topic", "retention.ms", "1", { resourceName: "" });
  await set("another broker", "log.retention.ms", "1", { resourceType: BROKER, resourceName: String(NO_SUCH_BROKER) });
  await set("a broker that is no number", "log.retention.ms", "1", { resourceType: BROKER, resourceName: "one" });
  await set("a setting that needs a restart", "num.partitions", "7", { resourceType: BROKER, resourceName: BROKER_ID });
  await set("nothing of the kind", "retention.ms", "1", { resourceType: 99, resourceName: name });
  await set("a group's session that is too short", "consumer.session.timeout.ms", "1", {
    resourceType: GROUP,
    resourceName: "some-group",
  });
  await set("an unknown setting of a group", "no.such.setting", "1", { resourceType: GROUP, resourceName: "some-group" });
  await set("a group without a name", "consumer.session.timeout.ms", "45000", { resourceType: GROUP, resourceName: "" });
}

/**
 * Only what the scripts change: what else there is, DescribeConfigs is asked elsewhere. A real broker knows of a change a moment after
 * the controller has answered, so it is asked until it has the values that are wanted.
 */
async function configsOf(
  to: Conversation,
  label: string,
  resourceName: string,
  wanted: Readonly<Record<string, string>>,
  resourceType = TOPIC,
): Promise<void> {
  const configurationKeys = ["retention.ms", "max.message.bytes", "cleanup.policy", "consumer.session.timeout.ms"];
  const body = { resources: [{ resourceType, resourceName, configurationKeys }], includeSynonyms: true };
  await to.compareOnce(label, "DescribeConfigs", 4, body, ({ body: { results } }) =>
    Object.entries(wanted).every(([key, value]) =>
      results[0]?.configs.some((config) => config.name === key && config.value === value),
    ),
  );
}

const incrementalAlterConfigs: Script = async (to, version) => {
  const { name } = await newTopic(to, 1, { "max.message.bytes": "5000" });
  const change = (
    label: string,
    configOperation: number,
    key: string,
    value: string | null,
    { resourceType = TOPIC, resourceName = name, validateOnly = false } = {},
  ) =>
    to.compare(label, "IncrementalAlterConfigs", version, {
      resources: [{ resourceType, resourceName, configs: [{ name: key, configOperation, value }] }],
      validateOnly,
    });
  await change("only checked", SET, "retention.ms", "60000", { validateOnly: true });
  await configsOf(to, "after a check", name, { "max.message.bytes": "5000" });
  await change("a setting", SET, "retention.ms", "60000");
  await change("one more in a list", APPEND, "cleanup.policy", "compact");
  await configsOf(to, "settings that were added", name, { "retention.ms": "60000", "cleanup.policy": "delete,compact" });
  await change("one less in a list", SUBTRACT, "cleanup.policy", "delete");
  await change("back to the default", DELETE, "retention.ms", null);
  await configsOf(to, "settings that were taken away", name, { "retention.ms": "-1", "cleanup.policy": "compact" });
  await change("back to the default again", DELETE, "retention.ms", null);
  await change("appending to what is no list", APPEND, "retention.ms", "5");
  await change("subtracting from what is no list", SUBTRACT, "retention.ms", "5");
  await change("an unknown operation", 9, "retention.ms", "5");
  await change("deleting an unknown setting", DELETE, "no.such.setting", null);
  await settingRefusals((label, key, value, more) => change(label, SET, key, value, more), name);
  const group = { resourceType: GROUP, resourceName: to.name("group") };
  await change("a group's session", SET, "consumer.session.timeout.ms", "46000", group);
  await configsOf(to, "the group's settings", group.resourceName, { "consumer.session.timeout.ms": "46000" }, GROUP);
  const both = [SET, DELETE].map((configOperation) => ({ name: "retention.ms", configOperation, value: "1" }));
  const resource = { resourceType: TOPIC, resourceName: name, configs: both };
  await to.compare("a setting twice", "IncrementalAlterConfigs", version, { resources: [resource] });
  await to.compare("a topic twice", "IncrementalAlterConfigs", version, { resources: [resource, resource] });
  await to.compare("nothing", "IncrementalAlterConfigs", version, { resources: [] });
  const logger = { resourceType: BROKER_LOGGER, resourceName: BROKER_ID };
  await change("an unknown logger", SET, "kafka.none", "INFO", { ...logger, validateOnly: true });
};

const listConfigResources: Script = async (to, version, { topic }) => {
  const ask = (label: string, resourceTypes: readonly number[]) =>
    to.compare(label, "ListConfigResources", version, { resourceTypes });
  if (version === 0) await ask("client metrics", []);
  else {
    await ask("brokers", [BROKER]);
    await ask("groups", [GROUP]);
    await ask("what there is not", [99]);
    const { configResources } = await to.prepare("ListConfigResources", version, { resourceTypes: [TOPIC] });
    if (!configResources.some(({ resourceName }) => resourceName === topic.name)) throw new Error("the topic is not listed");
  }
};

const describeClientQuotas: Script = async (to, version) => {
  const [EXACT, DEFAULT, ANY] = [0, 1, 2];
  const ask = (label: string, components: NonNullable<RequestBody<"DescribeClientQuotas">["components"]>, strict = false) =>
    to.compare(label, "DescribeClientQuotas", version, { components, strict });
  const user = { entityType: "user", matchType: EXACT, match: "nobody" };
  await ask("all", []);
  await ask("a user", [user]);
  await ask("nobody but the user", [user], true);
  await ask("the default user", [{ entityType: "user", matchType: DEFAULT, match: null }]);
  await ask("any client", [{ entityType: "client-id", matchType: ANY, match: null }]);
  await ask("an address", [{ entityType: "ip", matchType: EXACT, match: "127.0.0.1" }]);
  await ask("a user twice", [user, user]);
  await ask("something unknown", [{ ...user, entityType: "planet" }]);
  await ask("nothing of the kind", [{ ...user, entityType: "" }]);
  await ask("an unknown match", [{ ...user, matchType: 9 }]);
  await ask("an address and a user", [{ entityType: "ip", matchType: EXACT, match: "127.0.0.1" }, user]);
  await ask("a match without a name", [{ ...user, match: null }]);
};

const credential = (name: string, mechanism = SCRAM_SHA_256, iterations = 4096) => ({
  name,
  mechanism,
  iterations,
  salt: Buffer.from("some salt of mine"),
  saltedPassword: Buffer.alloc(mechanism === SCRAM_SHA_256 ? 32 : 64, 7),
});

const alterUserScramCredentials: Script = async (to, version) => {
  const name = to.name("user");
  const send = (label: string, body: RequestBody<"AlterUserScramCredentials">) =>
    to.compare(label, "AlterUserScramCredentials", version, body);
  await send("a new user", { upsertions: [credential(name)] });
  await send("the other mechanism too", { upsertions: [credential(name, SCRAM_SHA_512)] });
  await send("deleted", { deletions: [{ name, mechanism: SCRAM_SHA_256 }] });
  await send("deleted again", { deletions: [{ name, mechanism: SCRAM_SHA_256 }] });
  await send("few iterations", { upsertions: [credential(name, SCRAM_SHA_256, 1)] });
  await send("many iterations", { upsertions: [credential(name, SCRAM_SHA_256, 20_000)] });
  await send("an unknown mechanism", { upsertions: [{ ...credential(name), mechanism: 9 }] });
  await send("no name", { upsertions: [credential("")] });
  await send("deleting nobody", { deletions: [{ name: "nobody", mechanism: SCRAM_SHA_256 }] });
  await send("an unknown mechanism to delete", { deletions: [{ name, mechanism: 9 }] });
  await send("set and deleted at once", { upsertions: [credential(name)], deletions: [{ name, mechanism: SCRAM_SHA_256 }] });
  await send("one good, one bad", { upsertions: [credential(to.name("user")), credential(to.name("user"), SCRAM_SHA_256, 1)] });
  await send("one bad, one good", { upsertions: [credential(to.name("user"), SCRAM_SHA_256, 1), credential(to.name("user"))] });
  await send("a user twice", { upsertions: [credential(name), credential(name)] });
  await send("nothing", {});
};

const describeUserScramCredentials: Script = async (to, version) => {
  const name = to.name("user");
  await to.prepare("AlterUserScramCredentials", 0, { upsertions: [credential(name)] });
  const isThere = ({ errors }: { errors: readonly string[] }) => errors.length === 0;
  await to.prepareUntil("DescribeUserScramCredentials", version, { users: [{ name }] }, isThere);
  const ask = (label: string, ...names: readonly string[]) =>
    to.compare(label, "DescribeUserScramCredentials", version, { users: names.map((user) => ({ name: user })) });
  await ask("a user", name);
  await ask("nobody", "nobody");
  await ask("both", "nobody", name);
  await ask("a user twice", name, name);
  await ask("no name", "");
};

async function asStranger(to: Conversation, work: (stranger: Conversation) => Promise<void>): Promise<void> {
  const stranger = await to.stranger();
  try {
    await work(stranger);
  } finally {
    await stranger.close();
  }
}

const saslHandshake: Script = async (to, version) => {
  await asStranger(to, async (stranger) => {
    await stranger.compare("PLAIN", "SaslHandshake", version, { mechanism: "PLAIN" });
    // After version 0 the exchange goes on in frames without headers.
    if (version === 0) await stranger.sendBare(PLAIN_TOKEN);
    else await stranger.prepare("SaslAuthenticate", 2, { authBytes: PLAIN_TOKEN });
    await stranger.compare("after it", "DescribeCluster", 1, {});
  });
  await asStranger(to, (stranger) => handshake(stranger, "an unknown mechanism", version, "GSSAPI"));
  await asStranger(to, (stranger) => handshake(stranger, "no mechanism", version, ""));
  await asStranger(to, (stranger) => handshake(stranger, "written small", version, "plain"));
  await asStranger(to, async (stranger) => {
    await stranger.prepare("SaslHandshake", 1, { mechanism: "PLAIN" });
    await stranger.compareHangUp("a second mechanism", "SaslHandshake", version, { mechanism: "PLAIN" });
  });
  await asStranger(to, async (stranger) => {
    await stranger.prepare("SaslHandshake", 1, { mechanism: "PLAIN" });
    await stranger.compareHangUp("something else in between", "Metadata", 12, { topics: [] });
  });
  await asStranger(to, async (stranger) => {
    await stranger.authenticate();
    await stranger.compareHangUp("after authentication", "SaslHandshake", version, { mechanism: "PLAIN" });
  });
  await asStranger(to, (stranger) => stranger.compareHangUp("something else first", "Metadata", 12, { topics: [] }));
};

async function handshake(stranger: Conversation, label: string, version: number, mechanism: string): Promise<void> {
  await stranger.compare(label, "SaslHandshake", version, { mechanism });
  await stranger.compareHangUp(`${label}, and on`, "SaslHandshake", version, { mechanism: "PLAIN" });
}

const saslAuthenticate: Script = async (to, version) => {
  const authenticate = (label: string, authBytes: Uint8Array) =>
    asStranger(to, async (stranger) => {
      await stranger.prepare("SaslHandshake", 1, { mechanism: "PLAIN" });
      await stranger.compare(label, "SaslAuthenticate", version, { authBytes });
      await stranger.compareHangUp(`${label}, and another token`, "SaslAuthenticate", version, { authBytes });
      await stranger.compareHangUp(`${label}, and on`, "DescribeCluster", 1, {});
    });
  await authenticate("the right password", PLAIN_TOKEN);
  await authenticate("a wrong password", WRONG_PLAIN_TOKEN);
  await authenticate("an unknown user", Buffer.from("\0nobody\0secret"));
  await authenticate("for somebody else", Buffer.from(`other\0${ADMIN}\0secret`));
  await authenticate("no password", Buffer.from(`\0${ADMIN}\0`));
  await authenticate("no token", Buffer.from("nonsense"));
  await authenticate("nothing", new Uint8Array(0));
  await asStranger(to, (stranger) =>
    stranger.compareHangUp("without a handshake", "SaslAuthenticate", version, { authBytes: PLAIN_TOKEN }),
  );
  await scram(to, version);
};

async function scram(to: Conversation, version: number): Promise<void> {
  const name = to.name("user");
  await to.prepare("AlterUserScramCredentials", 0, { upsertions: [credential(name)] });
  await to.prepareUntil("DescribeUserScramCredentials", 0, { users: [{ name }] });
  await asStranger(to, async (stranger) => {
    await stranger.prepare("SaslHandshake", 1, { mechanism: "SCRAM-SHA-256" });
    const client = new ScramClientExchange({
      mechanism: "SCRAM-SHA-256",
      username: name,
      password: "wrong",
      crypto: nodeScramCrypto,
    });
    const { authBytes: challenge } = await stranger.prepare("SaslAuthenticate", version, { authBytes: await client.initial() });
    const step = await client.respond(challenge);
    if (step.kind !== "send") throw new Error(`the SCRAM exchange went astray: ${step.kind}`);
    await stranger.compare("SCRAM, a wrong password", "SaslAuthenticate", version, { authBytes: step.bytes });
  });
  await asStranger(to, async (stranger) => {
    await stranger.prepare("SaslHandshake", 1, { mechanism: "SCRAM-SHA-256" });
    const authBytes = Buffer.from("n,,n=nobody,r=fyko+d2lbbFgONRv9qkxdawL");
    await stranger.compare("SCRAM for nobody", "SaslAuthenticate", version, { authBytes });
  });
  await asStranger(to, async (stranger) => {
    await stranger.prepare("SaslHandshake", 1, { mechanism: "SCRAM-SHA-256" });
    await stranger.compare("SCRAM nonsense", "SaslAuthenticate", version, { authBytes: Buffer.from("nonsense") });
  });
}

export const clusterScripts: Scripts = {
  ApiVersions: apiVersions,
  DescribeCluster: describeCluster,
  UpdateFeatures: updateFeatures,
  DescribeConfigs: describeConfigs,
  AlterConfigs: alterConfigs,
  IncrementalAlterConfigs: incrementalAlterConfigs,
  ListConfigResources: listConfigResources,
  DescribeClientQuotas: describeClientQuotas,
  AlterUserScramCredentials: alterUserScramCredentials,
  DescribeUserScramCredentials: describeUserScramCredentials,
  SaslHandshake: saslHandshake,
  SaslAuthenticate: saslAuthenticate,
};
