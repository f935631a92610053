/** Table: what every client needs to find, reach and ask its cluster. Defaults are kafka-python 3.0.12's, or Java's where it has none. */
import { apiVersionKind } from "./api-version-kind.ts";
import { bootstrapServersKind, DEFAULT_PORT } from "./bootstrap-servers.ts";
import type { ConnectionConfig } from "./common-options.ts";
import { loggerKind, logLevelKind } from "./logger-kind.ts";
import { type SettingTable, setting } from "./setting.ts";
import { anyText, bytes, choice, flag, INT32_MAX, milliseconds, number, optional } from "./value-kinds.ts";

const SOCKET_BUFFERS =
  "Node cannot set the buffers of a TCP socket: leave it out, and set net.core.wmem_default or rmem_default of the machine";

export const connectionSettings: SettingTable<ConnectionConfig> = {
  bootstrapServers: setting(bootstrapServersKind, {
    fallback: [{ host: "localhost", port: DEFAULT_PORT }],
    fallbackText: "localhost:9092",
    doc: "Where to ask for the cluster: `host`, `host:port` or `[::1]:9092`, several with commas between or as a list; one that answers is enough.",
    java: ["bootstrap.servers"],
    librdkafka: ["bootstrap.servers", "metadata.broker.list"],
    aliases: ["brokers", "broker", "servers", "kafkaHost"],
  }),
  clientId: setting(anyText, {
    fallback: "kafkawire",
    doc: "The name under which brokers know this client: in their logs, quotas and metrics.",
    java: ["client.id"],
    librdkafka: ["client.id"],
  }),
  apiVersion: setting(apiVersionKind, {
    fallback: "auto",
    doc: "Which release of Kafka the brokers are taken for; `'auto'` asks each of them.",
    aliases: ["version", "kafkaVersion"],
  }),
  requestTimeoutMs: setting(milliseconds(1), {
    fallback: 30_000,
    doc: "How long a request may wait for its answer.",
    java: ["request.timeout.ms"],
    librdkafka: ["request.timeout.ms", "socket.timeout.ms"],
    aliases: ["requestTimeout"],
  }),
  defaultApiTimeoutMs: setting(milliseconds(1), {
    fallback: 60_000,
    doc: "How long a call may take in all, with its retries, unless it is given a time of its own.",
    java: ["default.api.timeout.ms"],
    aliases: ["timeoutMs", "timeout"],
  }),
  bootstrapTimeoutMs: setting(milliseconds(1), {
    fallback: 30_000,
    doc: "How long the first connection to the cluster may take, before the call that needed it fails with a BootstrapError.",
    aliases: ["api_version_auto_timeout_ms", "apiVersionAutoTimeoutMs"],
  }),
  retryBackoffMs: setting(milliseconds(), {
    fallback: 100,
    doc: "The pause before a request that failed is sent again; it doubles with every failure.",
    java: ["retry.backoff.ms"],
    librdkafka: ["retry.backoff.ms"],
  }),
  retryBackoffMaxMs: setting(milliseconds(), {
    fallback: 1000,
    doc: "The longest pause between two tries of a request.",
    java: ["retry.backoff.max.ms"],
    librdkafka: ["retry.backoff.max.ms"],
  }),
  reconnectBackoffMs: setting(milliseconds(), {
    fallback: 50,
    doc: "The pause before connecting again to a broker that could not be reached; it doubles with every failure.",
    java: ["reconnect.backoff.ms"],
    librdkafka: ["reconnect.backoff.ms"],
  }),
  reconnectBackoffMaxMs: setting(milliseconds(), {
    fallback: 30_000,
    doc: "The longest pause between two tries to connect to a broker.",
    java: ["reconnect.backoff.max.ms"],
    librdkafka: ["reconnect.backoff.max.ms"],
  }),
  socketConnectionSetupTimeoutMs: setting(milliseconds(1), {
    fallback: 10_000,
    doc: "How long connecting may take, the TLS handshake included; it doubles with every failure.",
    java: ["socket.connection.setup.timeout.ms"],
    librdkafka: ["socket.connection.setup.timeout.ms"],
    aliases: ["connectionTimeout", "connectTimeout"],
  }),
  socketConnectionSetupTimeoutMaxMs: setting(milliseconds(1), {
    fallback: 30_000,
    doc: "The longest that connecting may take, however often it has failed.",
    java: ["socket.connection.setup.timeout.max.ms"],
  }),
  connectionsMaxIdleMs: setting(milliseconds(1), {
    fallback: 540_000,
    doc: "After how long without use a connection is closed.",
    java: ["connections.max.idle.ms"],
    librdkafka: ["connections.max.idle.ms"],
  }),
  metadataMaxAgeMs: setting(milliseconds(1), {
    fallback: 300_000,
    doc: "After how long what is known of the cluster is asked for again, although nothing seems to have changed.",
    java: ["metadata.max.age.ms"],
    librdkafka: ["topic.metadata.refresh.interval.ms", "metadata.max.age.ms"],
    aliases: ["metadataMaxAge"],
  }),
  metadataRecoveryStrategy: setting(choice(["rebootstrap", "none"]), {
    fallback: "rebootstrap",
    doc: "Whether to begin again with the bootstrap servers when none of the brokers known from metadata can be reached (KIP-899).",
    java: ["metadata.recovery.strategy"],
    librdkafka: ["metadata.recovery.strategy"],
  }),
  metadataRecoveryRebootstrapTriggerMs: setting(milliseconds(), {
    fallback: 300_000,
    doc: "After how long without fresh metadata to begin again with the bootstrap servers (KIP-1102).",
    java: ["metadata.recovery.rebootstrap.trigger.ms"],
    librdkafka: ["metadata.recovery.rebootstrap.trigger.ms"],
  }),
  metadataClusterCheckEnable: setting(flag, {
    fallback: true,
    doc: "Whether to tell brokers of 4.4 and newer which cluster and node is meant, so that a wrong one refuses (KIP-1242).",
    java: ["metadata.cluster.check.enable"],
  }),
  clientDnsLookup: setting(choice(["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"]), {
    fallback: "use_all_dns_ips",
    doc: "Whether to try all addresses of a name in turn, or to replace each bootstrap server by the canonical names of its addresses first.",
    java: ["client.dns.lookup"],
    librdkafka: ["client.dns.lookup"],
  }),
  maxInFlightRequestsPerConnection: setting(number({ min: 1, max: 1_000_000 }), {
    fallback: 5,
    doc: "How many requests may wait for their answers on one connection.",
    java: ["max.in.flight.requests.per.connection"],
    librdkafka: ["max.in.flight.requests.per.connection", "max.in.flight"],
    aliases: ["maxInFlightRequests"],
  }),
  receiveMessageMaxBytes: setting(bytes(1000, INT32_MAX), {
    fallback: 100_000_000,
    doc: "The largest answer that is accepted; one that announces to be larger ends its connection.",
    librdkafka: ["receive.message.max.bytes"],
  }),
  logger: setting(optional(loggerKind), {
    fallback: undefined,
    fallbackText: "none",
    doc: "Where to log what happens, such as `console`; without it and `logLevel` nothing is logged.",
    aliases: ["logCreator"],
  }),
  logLevel: setting(optional(logLevelKind), {
    fallback: undefined,
    fallbackText: "the logger's, else 'info'",
    doc: "How important an event has to be to be logged; without a `logger`, this logs to the standard error output.",
  }),
  metricsEnabled: setting(flag, {
    fallback: true,
    doc: "Whether requests and connections are counted for `metrics()`.",
  }),
  metricsNumSamples: setting(number({ min: 1, max: 1000 }), {
    fallback: 2,
    doc: "How many windows rates and averages are taken over.",
    java: ["metrics.num.samples"],
  }),
  metricsSampleWindowMs: setting(milliseconds(1), {
    fallback: 30_000,
    doc: "How long such a window is.",
    java: ["metrics.sample.window.ms"],
  }),
  sendBufferBytes: setting(optional(bytes(0)), {
    fallback: undefined,
    doc: "Never settable: the size of the socket's send buffer.",
    java: ["send.buffer.bytes"],
    librdkafka: ["socket.send.buffer.bytes"],
    never: SOCKET_BUFFERS,
  }),
  receiveBufferBytes: setting(optional(bytes(0)), {
    fallback: undefined,
    doc: "Never settable: the size of the socket's receive buffer.",
    java: ["receive.buffer.bytes"],
    librdkafka: ["socket.receive.buffer.bytes"],
    never: SOCKET_BUFFERS,
  }),
};
