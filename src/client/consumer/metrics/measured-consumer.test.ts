import { describe, expect, it } from "vitest";
import { type ConsumerStage, consumerStage, GROUP, TOPIC } from "../../../../test/support/consumer-stage.ts";

const P0 = { topic: TOPIC, partition: 0 };
const P1 = { topic: TOPIC, partition: 1 };
const TEN = Array.from({ length: 10 }, (_, index) => `value ${index}`);

const group = (stage: ConsumerStage, name: string): Readonly<Record<string, number>> => stage.consumer.metrics()[name] ?? {};
const fetches = (stage: ConsumerStage) => group(stage, "consumer-fetch-manager-metrics");

/** What kafka-python 3.0.12 and Java have, but for Java's threads. */
const NAMES = {
  "consumer-metrics": "last-poll-seconds-ago time-between-poll-avg time-between-poll-max poll-idle-ratio-avg",
  "consumer-fetch-manager-metrics": `${readNames()} fetch-latency-avg fetch-latency-max fetch-rate fetch-total
    fetch-throttle-time-avg fetch-throttle-time-max records-lag-max records-lead-min`,
  [`consumer-topic-metrics.${TOPIC}`]: readNames(),
  [`consumer-partition-metrics.${TOPIC}-0`]:
    "records-lag records-lag-avg records-lag-max records-lead records-lead-avg records-lead-min preferred-read-replica",
  "consumer-coordinator-metrics": `commit-latency-avg commit-latency-max commit-rate commit-total assigned-partitions
    heartbeat-response-time-max heartbeat-rate heartbeat-total last-heartbeat-seconds-ago
    join-time-avg join-time-max join-rate join-total sync-time-avg sync-time-max sync-rate sync-total
    rebalance-latency-avg rebalance-latency-max rebalance-latency-total rebalance-total rebalance-rate-per-hour
    failed-rebalance-total failed-rebalance-rate-per-hour last-rebalance-seconds-ago`,
};

function readNames(): string {
  return `fetch-size-avg fetch-size-max bytes-consumed-rate bytes-consumed-total
    records-per-request-avg records-consumed-rate records-consumed-total`;
}

describe("a consumer's metrics", () => {
  it("have the names of kafka-python's and Java's", async () => {
    const stage = await consumerStage({ groupId: GROUP });
    await stage.write(TEN);
    stage.consumer.assign([P0]);
    await stage.read(10);
    await stage.clock.advance(1000);
    for (const [name, names] of Object.entries(NAMES)) {
      expect(Object.keys(group(stage, name))).toEqual(expect.arrayContaining(names.split(/\s+/)));
    }
  });

  it.each<[string, (stage: ConsumerStage) => Promise<unknown>]>([
    ["poll", (stage) => stage.read(10)],
    [
      "a loop over records",
      async ({ consumer, when }) => {
        const records = consumer.iterate({ timeoutMs: 1000 });
        for (let count = 0; count < 10; count++) await when(records.next());
      },
    ],
    ["a loop over batches", ({ consumer, when }) => when(consumer.batches({ timeoutMs: 1000 }).next())],
    [
      "run",
      async ({ consumer, when }) => {
        const stop = new AbortController();
        let count = 0;
        await when(consumer.run({ eachRecord: () => void (++count === 10 && stop.abort()), signal: stop.signal }));
      },
    ],
  ])("count every record that %s gives, once", async (_how, read) => {
    const stage = await consumerStage();
    await stage.write(TEN);
    stage.consumer.assign([P0]);
    await read(stage);
    expect(fetches(stage)).toMatchObject({ "records-consumed-total": 10, "records-lag-max": 0, "records-per-request-avg": 10 });
    expect(group(stage, `consumer-topic-metrics.${TOPIC}`)).toMatchObject({ "records-consumed-total": 10 });
  });

  it("count what is handed out of a batch, and not what is left of it", async () => {
    const stage = await consumerStage();
    await stage.write(TEN);
    stage.consumer.assign([P0]);
    await stage.poll({ maxRecords: 4 });
    expect(fetches(stage)).toMatchObject({ "records-consumed-total": 4, "records-lag-max": 6 });
    stage.consumer.seek(P0, 0);
    await stage.read(10);
    expect(fetches(stage)).toMatchObject({ "records-consumed-total": 14 });
  });

  it("know the lag of each partition that has been asked for, and how far it is ahead of the beginning of its log", async () => {
    const stage = await consumerStage();
    await stage.write(TEN);
    stage.consumer.assign([P0, P1]);
    await stage.poll({ maxRecords: 4 });
    expect(group(stage, `consumer-partition-metrics.${TOPIC}-0`)).toMatchObject({ "records-lag": 6, "records-lead": 4 });
    stage.consumer.assign([P1]);
    expect(group(stage, `consumer-partition-metrics.${TOPIC}-0`)).toEqual({});
  });

  it("measure a fetch from its sending to its answer, with the broker's patience, and what quotas cost", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    await stage.when(stage.consumer.poll({ timeoutMs: 2000 }));
    const { "fetch-latency-max": longestMs, "fetch-total": count } = fetches(stage);
    expect(longestMs).toBe(500);
    expect(count).toBe(stage.broker.journal.responses("Fetch").length);
    stage.broker.faults.throttle({ api: "Fetch", throttleMs: 300 });
    await stage.when(stage.consumer.poll({ timeoutMs: 2000 }));
    expect(fetches(stage)).toMatchObject({ "fetch-throttle-time-max": 300 });
  });

  it("measure commits", async () => {
    const stage = await consumerStage({ groupId: GROUP, enableAutoCommit: false });
    await stage.write(TEN);
    stage.consumer.assign([P0]);
    await stage.read(10);
    await stage.when(stage.consumer.commit());
    stage.broker.faults.delay({ api: "OffsetCommit", delayMs: 700 });
    await stage.when(stage.consumer.commit());
    const commits = group(stage, "consumer-coordinator-metrics");
    const answers = stage.broker.journal.responses("OffsetCommit").length;
    expect(commits).toMatchObject({ "commit-total": answers, "commit-latency-max": 700, "assigned-partitions": 1 });
  });

  it("hold nothing of what was read: no batch is kept behind its last record", async () => {
    const stage = await consumerStage();
    await stage.write(TEN);
    stage.consumer.assign([P0]);
    await stage.read(10);
    await stage.poll({ timeoutMs: 0 });
    expect(fetches(stage)).toMatchObject({ "buffered-bytes": 0 });
    expect(fetches(stage)["bytes-consumed-total"]).toBeGreaterThan(100);
  });

  it("are nothing when they are switched off", async () => {
    const stage = await consumerStage({ metricsEnabled: false });
    await stage.write(TEN);
    stage.consumer.assign([P0]);
    await stage.read(10);
    expect(stage.consumer.metrics()).toEqual({});
  });
});
