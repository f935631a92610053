import { IllegalStateError } from "../../errors.ts";
import { scopeOfGroup } from "./metric-groups.ts";
import { metricMeanings } from "./metric-meanings.ts";
import type { MetricsSnapshot } from "./metrics-registry.ts";

export type PrometheusLabels = Readonly<Record<string, string>>;

/** One client's metrics among several; its labels tell it apart. */
export interface PrometheusSource {
  readonly snapshot: MetricsSnapshot;
  readonly labels?: PrometheusLabels;
}

export interface PrometheusOptions {
  /** What names begin with; `kafkawire` by default. */
  readonly prefix?: string;
  /** For every series. */
  readonly labels?: PrometheusLabels;
}

interface Family {
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** By the labels as they are written. */
  readonly series: Map<string, number>;
}

/**
 * Metrics in Prometheus' text exposition format (0.0.4), to be served as `text/plain; version=0.0.4`. Node, topic and partition become labels:
 * `kafkawire_admin_node_request_rate{node="1"} 0.5`. Several clients belong in one call, as each name may be described only once.
 *
 * @throws IllegalStateError for a prefix or a label that Prometheus does not know, and for sources that no label tells apart
 */
export function prometheusText(metrics: MetricsSnapshot | readonly PrometheusSource[], options: PrometheusOptions = {}): string {
  const { prefix = "kafkawire", labels = {} } = options;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix))
    throw new IllegalStateError(`prefix '${prefix}': must be letters, digits and _, without a digit first`);
  const families = new Map<string, Family>();
  for (const source of isSources(metrics) ? metrics : [{ snapshot: metrics }]) {
    const own = { ...labels, ...source.labels };
    checkLabels(own);
    for (const [group, values] of Object.entries(source.snapshot)) addGroup(families, prefix, group, values, own);
  }
  return [...families].map(([name, family]) => familyText(name, family)).join("");
}

function isSources(metrics: MetricsSnapshot | readonly PrometheusSource[]): metrics is readonly PrometheusSource[] {
  return Array.isArray(metrics);
}

function checkLabels(labels: PrometheusLabels): void {
  for (const name of Object.keys(labels)) {
    if (!/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw new IllegalStateError(`label '${name}': must be letters, digits and _, without a digit or __ first`);
    }
    if (name === "node" || name === "topic" || name === "partition")
      throw new IllegalStateError(`label '${name}': is one of the client's own; give yours another name`);
  }
}

function addGroup(
  families: Map<string, Family>,
  prefix: string,
  group: string,
  values: Readonly<Record<string, number>>,
  own: PrometheusLabels,
): void {
  const { base, labels } = scopeOfGroup(group);
  const written = labelText({ ...own, ...labels });
  for (const [metric, value] of Object.entries(values)) {
    const name = nameText(`${prefix}_${base.replace(/-metrics$/, "")}_${metric}`);
    const family = families.get(name) ?? newFamily(metric);
    families.set(name, family);
    if (family.series.has(written)) {
      throw new IllegalStateError(
        `${name}${written} is there twice; give each source a label that tells it apart, such as client_id`,
      );
    }
    family.series.set(written, value);
  }
}

/** Kafka's totals only grow; everything else is measured anew each time. */
function newFamily(metric: string): Family {
  return {
    type: metric.endsWith("-total") ? "counter" : "gauge",
    help: metricMeanings.get(metric) ?? `Kafka's metric ${metric}.`,
    series: new Map(),
  };
}

function familyText(name: string, { type, help, series }: Family): string {
  const lines = [...series].map(([labels, value]) => `${name}${labels} ${numberText(value)}\n`);
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function nameText(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_");
}

function labelText(labels: PrometheusLabels): string {
  const written = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return written.length === 0 ? "" : `{${written.join(",")}}`;
}

/** Halves of surrogate pairs are no UTF-8. */
function escapeLabel(value: string): string {
  return value
    .replace(/\p{Cs}/gu, "\ufffd")
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}
