import { describe, expect, it } from "vitest";
import { ConnectionMetrics } from "./connection-metrics.ts";
import { metricMeanings } from "./metric-meanings.ts";
import { MetricsRegistry } from "./metrics-registry.ts";
import { prometheusText } from "./prometheus-text.ts";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

/**
 * Reads version 0.0.4 of the format, as strictly as it is specified: every line ends, each name has one HELP and one TYPE before its
 * samples, its lines stand together, no series is there twice, and nothing but the three escapes follows a backslash.
 */
function parse(text: string): readonly Family[] {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line does not end");
  const families: Family[] = [];
  const seen = new Set<string>();
  const lines = text.split("\n").slice(0, -1);
  for (let at = 0; at < lines.length; ) {
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)*)$/.exec(lines[at++] ?? "");
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/.exec(lines[at++] ?? "");
    if (help === null || type === null || help[1] !== type[1]) throw new Error(`line ${at}: HELP and TYPE of one name expected`);
    const family: Family = { name: help[1]!, help: help[2]!, type: type[2]!, samples: [] };
    if (families.some(({ name }) => name === family.name)) throw new Error(`${family.name} is described twice`);
    for (; lines[at] !== undefined && !lines[at]!.startsWith("#"); at++) {
      const sample = parseSample(lines[at]!);
      if (sample.name !== family.name) throw new Error(`${sample.name} stands among ${family.name}`);
      const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort(([a], [b]) => a.localeCompare(b))]);
      if (seen.has(series)) throw new Error(`${series} is there twice`);
      seen.add(series);
      family.samples.push(sample);
    }
    if (family.samples.length === 0) throw new Error(`${family.name} has no samples`);
    families.push(family);
  }
  return families;
}

function parseSample(line: string): Sample {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null || !/^([+-]Inf|NaN|[+-]?\d+(\.\d+)?(e[+-]?\d+)?)$/.test(match[3]!)) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = match[2] ?? "";
  while (rest !== "") {
    const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,(?=.)|$)/.exec(rest);
    if (label === null) throw new Error(`no label: ${rest}`);
    if (label[1]! in labels) throw new Error(`label ${label[1]} is there twice: ${line}`);
    labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
    rest = rest.slice(label[0].length);
  }
  return { name: match[1]!, labels, value: match[3]! };
}

const samplesOf = (text: string): readonly Sample[] => parse(text).flatMap(({ samples }) => samples);

describe("Prometheus text", () => {
  it("is what the specification shows", () => {
    const text = prometheusText(
      { "admin-metrics": { "request-rate": 0.5, "request-total": 3 }, "admin-node-metrics.node-1": { "request-rate": 0.25 } },
      { labels: { client_id: "reports" } },
    );
    expect(text).toBe(`# HELP kafkawire_admin_request_rate Requests sent per second.
# TYPE kafkawire_admin_request_rate gauge
kafkawire_admin_request_rate{client_id="reports"} 0.5
# HELP kafkawire_admin_request_total Requests sent since the client began.
# TYPE kafkawire_admin_request_total counter
kafkawire_admin_request_total{client_id="reports"} 3
# HELP kafkawire_admin_node_request_rate Requests sent per second.
# TYPE kafkawire_admin_node_request_rate gauge
kafkawire_admin_node_request_rate{client_id="reports",node="1"} 0.25
`);
  });

  it("can be read back, for all metrics that clients have", () => {
    const registry = new MetricsRegistry({ monotonic: () => 1000 });
    const metrics = new ConnectionMetrics(registry, "admin");
    for (const nodeId of [-1, 1, 2]) metrics.connected({ connection: nodeId, broker: `b${nodeId}:9092`, nodeId, lane: "main" }, 0);
    const families = parse(prometheusText(registry.snapshot()));
    const latency = families.find(({ name }) => name === "kafkawire_admin_node_request_latency_avg");
    expect(latency?.samples.map(({ labels }) => labels)).toEqual([{ node: "bootstrap" }, { node: "1" }, { node: "2" }]);
    expect(families.filter(({ help }) => help.startsWith("Kafka's metric"))).toEqual([]);
  });

  it("has a meaning for each metric in the table, of one sentence or two", () => {
    for (const meaning of metricMeanings.values()) expect(meaning).toMatch(/^[A-Z][^\n]*\.$/);
  });

  it("escapes what stands in labels, whatever a topic is called", () => {
    const topic = 'a.b-"quoted"\\back\nline\u001b{x="y"} 1\n# TYPE forged gauge';
    const text = prometheusText({ [`producer-topic-metrics.${topic}`]: { "record-send-rate": 1 } });
    expect(samplesOf(text)).toEqual([{ name: "kafkawire_producer_topic_record_send_rate", labels: { topic }, value: "1" }]);
  });

  it("replaces halves of surrogate pairs, which are no UTF-8", () => {
    const [sample] = samplesOf(prometheusText({ "producer-topic-metrics.x\ud800y": { a: 1 } }));
    expect(sample?.labels).toEqual({ topic: "x\ufffdy" });
  });

  it("makes valid names of names that are not", () => {
    const names = samplesOf(prometheusText({ "a b-metrics": { "ä{}1\n": 1 }, __proto__x: { constructor: 2 } })).map(
      ({ name }) => name,
    );
    expect(names).toEqual(["kafkawire_a_b____1_", "kafkawire___proto__x_constructor"]);
  });

  it.each([
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [1e21, "1e+21"],
    [1e-7, "1e-7"],
    [-0.5, "-0.5"],
  ])("writes %d as %s", (value, expected) => {
    expect(samplesOf(prometheusText({ g: { m: value } }))[0]?.value).toBe(expected);
  });

  it("describes each name once for several clients, told apart by labels", () => {
    const snapshot = { "admin-metrics": { "request-rate": 1, "connection-count": 2 } };
    const text = prometheusText(
      [
        { snapshot, labels: { client_id: "a" } },
        { snapshot, labels: { client_id: "b" } },
      ],
      { prefix: "shop", labels: { zone: "z1" } },
    );
    expect(parse(text).map(({ name, samples }) => [name, samples.map(({ labels }) => labels)])).toEqual([
      [
        "shop_admin_request_rate",
        [
          { zone: "z1", client_id: "a" },
          { zone: "z1", client_id: "b" },
        ],
      ],
      [
        "shop_admin_connection_count",
        [
          { zone: "z1", client_id: "a" },
          { zone: "z1", client_id: "b" },
        ],
      ],
    ]);
  });

  it("refuses two series of the same name and labels, and says what to do", () => {
    const snapshot = { "admin-metrics": { "request-rate": 1 } };
    expect(() => prometheusText([{ snapshot }, { snapshot }])).toThrow("give each source a label that tells it apart");
  });

  it("sees the same labels in another order as the same", () => {
    const snapshot = { "admin-metrics": { "request-rate": 1 } };
    expect(() =>
      prometheusText([
        { snapshot, labels: { a: "1", b: "2" } },
        { snapshot, labels: { b: "2", a: "1" } },
      ]),
    ).toThrow("is there twice");
  });

  it.each(["9lives", "a-b", "", "a:b c"])("refuses the prefix %j", (prefix) => {
    expect(() => prometheusText({}, { prefix })).toThrow(`prefix '${prefix}'`);
  });

  it.each(["9lives", "a-b", "", "__name__", "node", "topic", "partition"])("refuses the label %j", (label) => {
    expect(() => prometheusText({}, { labels: { [label]: "x" } })).toThrow(`label '${label}'`);
  });

  it("is empty without metrics", () => {
    expect(prometheusText({})).toBe("");
  });
});
