/** Options that people know from elsewhere and that do not exist here, or not on this client: what to do instead. */
import { consumerSettings } from "./consumer-settings.ts";
import { producerSettings } from "./producer-settings.ts";
import { shareConsumerSettings } from "./share-consumer-settings.ts";

const LOOP = "Node has one event loop, and the sockets of a client are on it";
const PROXY = "proxies are not supported; brokers are connected to directly";

/** By their camelCase names; kafka-python's own spelling is recognised too. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["selector", LOOP],
  ["net", LOOP],
  ["sockChunkBytes", "answers are read into memory of exactly their size"],
  ["sockChunkBufferCount", "answers are read into memory of exactly their size"],
  ["kafkaClient", "a runtime is passed instead, where a test replaces time, names and sockets"],
  ["socketOptions", "Node sets TCP_NODELAY and keep-alive, which is done, and no other option of a socket"],
  ["socks5Proxy", PROXY],
  ["proxyUrl", PROXY],
  ["socketFactory", PROXY],
  ["metricReporters", "metrics are read with metrics(), and rendered for Prometheus from what it gives"],
  ["metricGroupPrefix", "groups of metrics are named after the client: admin, producer, consumer"],
  ["sslContext", "Node has no SSLContext; give sslCafile or sslCa, sslCheckHostname and sslServerName"],
  ["legacyIterator", "there is one iterator only"],
  ["bootstrapTopicsFilter", "nothing is asked about topics while bootstrapping"],
  ["retry", "its parts are retryBackoffMs, retryBackoffMaxMs and defaultApiTimeoutMs"],
  ["authenticationTimeout", "it is part of socketConnectionSetupTimeoutMs"],
  ["enforceRequestTimeout", "requests always have a time limit: requestTimeoutMs"],
]);

const GROUP_RULES = "the share group rules that for all its members";
const BROKER_RULES = "the broker rules that for share groups";

/** Options of Consumer that mean nothing to a member of a share group, whom they would mislead. */
const NOT_OF_SHARE_GROUPS: ReadonlyMap<string, string> = new Map([
  ["autoOffsetReset", `${GROUP_RULES}: alter its config share.auto.offset.reset`],
  ["isolationLevel", `${GROUP_RULES}: alter its config share.isolation.level`],
  ["sessionTimeoutMs", `${BROKER_RULES}: group.share.session.timeout.ms, or the group's config share.session.timeout.ms`],
  ["heartbeatIntervalMs", `${BROKER_RULES}: group.share.heartbeat.interval.ms, or the group's config share.heartbeat.interval.ms`],
  ["enableAutoCommit", "there are no offsets to commit; records are acknowledged, see shareAcknowledgementMode"],
  ["autoCommitIntervalMs", "there are no offsets to commit; records are acknowledged, see shareAcknowledgementMode"],
  ["defaultOffsetCommitCallback", "there are no offsets to commit; acknowledgementCommitCallback is told of acknowledgements"],
  ["groupInstanceId", "share groups have no static members"],
  ["groupProtocol", "share groups have one protocol of their own (KIP-932)"],
  ["groupRemoteAssignor", `${BROKER_RULES}: group.share.assignors`],
  ["partitionAssignmentStrategy", `${BROKER_RULES}: group.share.assignors`],
  ["maxPartitionFetchBytes", "share fetches have one limit for all partitions: fetchMaxBytes"],
  ["excludeInternalTopics", "share groups subscribe to topics by their names, and to no patterns"],
]);

const ELSEWHERE: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["Producer", new Set(Object.keys(producerSettings))],
  ["Consumer", new Set(Object.keys(consumerSettings))],
  ["ShareConsumer", new Set(Object.keys(shareConsumerSettings).filter((option) => !(option in consumerSettings)))],
]);

/** What to say of an option that exists elsewhere; undefined if there is nothing to say. */
export function foreignOption(name: string, client: string): string | undefined {
  const camelCase = name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const foreign = FOREIGN.get(camelCase);
  if (foreign !== undefined) return foreign;
  if (client === "ShareConsumer" && NOT_OF_SHARE_GROUPS.has(camelCase)) return NOT_OF_SHARE_GROUPS.get(camelCase);
  const owners = [...ELSEWHERE].filter(([owner, options]) => owner !== client && options.has(camelCase)).map(([owner]) => owner);
  return owners.length === 0 || ELSEWHERE.get(client)?.has(camelCase) === true
    ? undefined
    : `it is an option of ${owners.join(" and ")}`;
}

/** All of them, for docs/configuration.md. */
export const foreignOptions: ReadonlyMap<string, string> = FOREIGN;
