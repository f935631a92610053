/**
 * The names of groups, as kafka-python has them: `admin-metrics` is about a client, `admin-node-metrics.node-1` about one of its
 * brokers, `producer-topic-metrics.orders` about a topic, `consumer-partition-metrics.orders-0` about a partition. What stands behind the first dot becomes a label where metrics have labels.
 */

/** Bootstrap servers, whose id nobody has told yet, are counted together. */
export function nodeGroup(prefix: string, nodeId: number): string {
  return `${prefix}-node-metrics.node-${nodeId < 0 ? "bootstrap" : nodeId}`;
}

export function topicGroup(prefix: string, topic: string): string {
  return `${prefix}-topic-metrics.${topic}`;
}

export function partitionGroup(prefix: string, topic: string, partition: number): string {
  return `${prefix}-partition-metrics.${topic}-${partition}`;
}

/** A group's name taken apart. */
export interface MetricsScope {
  /** `admin-node-metrics` */
  readonly base: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function scopeOfGroup(group: string): MetricsScope {
  const dot = group.indexOf(".");
  if (dot === -1) return { base: group, labels: {} };
  const base = group.slice(0, dot);
  const rest = group.slice(dot + 1);
  if (base.endsWith("-node-metrics")) return { base, labels: { node: rest.replace(/^node-/, "") } };
  if (!base.endsWith("-partition-metrics")) return { base, labels: { topic: rest } };
  const dash = rest.lastIndexOf("-");
  return { base, labels: { topic: rest.slice(0, dash), partition: rest.slice(dash + 1) } };
}
