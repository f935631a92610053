import type { ConnectionFacts, RequestFacts } from "../telemetry.ts";
import { nodeGroup } from "./metric-groups.ts";
import type { MetricsGroup, MetricsRegistry } from "./metrics-registry.ts";
import type { Sensor } from "./sensor.ts";

/** What is measured of a client as a whole and of each of its brokers. */
interface Traffic {
  readonly sent: Sensor;
  readonly received: Sensor;
  readonly latency: Sensor;
  readonly throttle: Sensor;
}

interface NodeTraffic extends Traffic {
  open: number;
}

/** The metrics that every client has: of its connections, and of the requests on them. */
export class ConnectionMetrics {
  readonly #registry: MetricsRegistry;
  readonly #prefix: string;
  readonly #network: Sensor;
  readonly #total: Traffic;
  readonly #created: Sensor;
  readonly #closed: Sensor;
  readonly #refused: Sensor;
  readonly #nodes = new Map<number, NodeTraffic>();
  #open = 0;

  /** @param prefix of the groups: `admin`, `producer`, `consumer` */
  constructor(registry: MetricsRegistry, prefix: string) {
    this.#registry = registry;
    this.#prefix = prefix;
    this.#network = registry.sensor();
    this.#created = registry.sensor();
    this.#closed = registry.sensor();
    this.#refused = registry.sensor();
    const sent = registry.sensor(this.#network);
    const received = registry.sensor(this.#network);
    this.#total = { sent, received, latency: registry.sensor(), throttle: registry.sensor() };
    this.#describeClient(registry.group(`${prefix}-metrics`));
  }

  connected({ nodeId }: ConnectionFacts, nowMs: number): void {
    this.#created.record(1, nowMs);
    this.#open++;
    if (!this.#nodes.has(nodeId)) this.#forgetIdleNodes(nowMs);
    this.#node(nodeId).open++;
  }

  disconnected({ nodeId }: ConnectionFacts, nowMs: number): void {
    this.#closed.record(1, nowMs);
    this.#open--;
    this.#node(nodeId).open--;
  }

  authenticationFailed(nowMs: number): void {
    this.#refused.record(1, nowMs);
  }

  sent({ nodeId }: ConnectionFacts, { requestBytes }: RequestFacts, nowMs: number): void {
    this.#node(nodeId).sent.record(requestBytes, nowMs);
  }

  received({ nodeId }: ConnectionFacts, responseBytes: number, durationMs: number, throttleMs: number, nowMs: number): void {
    const node = this.#node(nodeId);
    node.received.record(responseBytes, nowMs);
    node.latency.record(durationMs, nowMs);
    node.throttle.record(throttleMs, nowMs);
  }

  #node(nodeId: number): NodeTraffic {
    const known = this.#nodes.get(nodeId);
    if (known !== undefined) return known;
    const { sent, received, latency, throttle } = this.#total;
    const sensor = (parent: Sensor): Sensor => this.#registry.sensor(parent);
    const node = { sent: sensor(sent), received: sensor(received), latency: sensor(latency), throttle: sensor(throttle), open: 0 };
    this.#nodes.set(nodeId, node);
    describeTraffic(this.#registry.group(nodeGroup(this.#prefix, nodeId)), node);
    return node;
  }

  /** Clusters that are renewed node by node get new ids each time; those that are gone must not add up. */
  #forgetIdleNodes(nowMs: number): void {
    for (const [nodeId, { open, sent, received }] of this.#nodes) {
      if (open > 0 || !sent.isIdle(nowMs) || !received.isIdle(nowMs)) continue;
      this.#nodes.delete(nodeId);
      this.#registry.removeGroup(nodeGroup(this.#prefix, nodeId));
    }
  }

  #describeClient(group: MetricsGroup): void {
    group
      .add("connection-close-rate", (now) => this.#closed.countRate(now))
      .add("connection-close-total", () => this.#closed.totalCount)
      .add("connection-creation-rate", (now) => this.#created.countRate(now))
      .add("connection-creation-total", () => this.#created.totalCount)
      .add("connection-count", () => this.#open)
      .add("failed-authentication-rate", (now) => this.#refused.countRate(now))
      .add("failed-authentication-total", () => this.#refused.totalCount)
      .add("network-io-rate", (now) => this.#network.countRate(now))
      .add("network-io-total", () => this.#network.totalCount);
    describeTraffic(group, this.#total);
  }
}

function describeTraffic(group: MetricsGroup, { sent, received, latency, throttle }: Traffic): void {
  group
    .add("outgoing-byte-rate", (now) => sent.sumRate(now))
    .add("outgoing-byte-total", () => sent.totalSum)
    .add("request-rate", (now) => sent.countRate(now))
    .add("request-total", () => sent.totalCount)
    .add("request-size-avg", (now) => sent.average(now))
    .add("request-size-max", (now) => sent.maximum(now))
    .add("incoming-byte-rate", (now) => received.sumRate(now))
    .add("incoming-byte-total", () => received.totalSum)
    .add("response-rate", (now) => received.countRate(now))
    .add("response-total", () => received.totalCount)
    .add("request-latency-avg", (now) => latency.average(now))
    .add("request-latency-max", (now) => latency.maximum(now))
    .add("throttle-time-avg", (now) => throttle.average(now))
    .add("throttle-time-max", (now) => throttle.maximum(now));
}
