/**
 * The names of groups, as kafka-python has them: `admin-metrics` is about a client, `admin-node-metrics.node-1` about one of its
 * brokers, `producer-topic-metrics.orders` about a topic. What stands behind the first dot becomes a label where metrics have labels.
 */

/** Bootstrap servers, whose id nobody has told yet, are counted together. */
export function nodeGroup(prefix: string, nodeId: number): string {
  return `${prefix}-node-metrics.node-${nodeId < 0 ? "bootstrap" : nodeId}`;
}

export function topicGroup(prefix: string, topic: string): string {
  return `${prefix}-topic-metrics.${topic}`;
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
  return { base, labels: base.endsWith("-node-metrics") ? { node: rest.replace(/^node-/, "") } : { topic: rest } };
}
