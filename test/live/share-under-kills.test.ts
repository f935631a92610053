// Two members of a share group while every leader of their partitions is killed, one after the other.

import { expect, it, onTestFinished } from "vitest";
import { Admin, KafkaError, Producer, ShareConsumer, type ShareConsumerOptions, WakeupError } from "../../src/index.ts";
import { KafkaCluster } from "../support/kafka/kafka-cluster.ts";
import { isRealKafkaAvailable } from "../support/kafka/kafka-node.ts";

const PATIENT_MS = 300_000;
const TOPIC = "shared";
const GROUP = "workers";
const BATCH = 25;
/** So many records are accepted before a node is killed, and again before it is back. */
const BETWEEN_KILLS = 1_000;
const PROMPT = { "group.share.heartbeat.interval.ms": "500", "group.share.min.heartbeat.interval.ms": "500" };

/** Accepts what it polls, and notes what the brokers have taken. */
class Worker {
  readonly done: string[] = [];
  /** Acknowledgements that were refused, or nobody knows of: their records come again, or were taken. */
  readonly failed: string[] = [];
  readonly consumer: ShareConsumer;
  #isOver = false;

  constructor(options: ShareConsumerOptions) {
    this.consumer = new ShareConsumer({ ...options, groupId: GROUP, maxPollRecords: BATCH });
    this.consumer.subscribe(TOPIC);
  }

  async work(onDone: () => void): Promise<void> {
    while (!this.#isOver) {
      try {
        const records = [...(await this.consumer.poll({ timeoutMs: 1_000 }))];
        const values = new Map(records.map(({ partition, offset, value }) => [`${partition}/${offset}`, String(value)]));
        for (const { partition, offsets, error } of await this.consumer.commit()) {
          const those = error === undefined ? this.done : this.failed;
          those.push(...offsets.map((offset) => values.get(`${partition}/${offset}`) ?? `${partition}/${offset}`));
        }
        onDone();
      } catch (error) {
        // Brokers that are gone are none of a reader's business; anything that is no error of Kafka's is a fault of ours.
        if (!(error instanceof KafkaError)) throw error;
        if (!(error instanceof WakeupError) && !error.retriable) throw error;
      }
    }
  }

  end(): void {
    this.#isOver = true;
    this.consumer.wakeup();
  }
}

it.skipIf(!isRealKafkaAvailable({ own: true }))(
  "while leaders are killed every record of a share group is accepted, and none twice",
  { timeout: PATIENT_MS },
  async () => {
    const cluster = await KafkaCluster.start({ nodes: 3, properties: PROMPT });
    onTestFinished(() => cluster.close());
    const { bootstrapServers } = cluster;
    const admin = new Admin({ bootstrapServers });
    await admin.createTopics([{ name: TOPIC, numPartitions: 3, replicationFactor: 3, configs: { "min.insync.replicas": "2" } }]);
    await admin.incrementalAlterConfigs([{ type: "group", name: GROUP, set: { "share.auto.offset.reset": "earliest" } }]);
    await admin.close();
    const workers = [1, 2].map(() => new Worker({ bootstrapServers }));
    const producer = new Producer({ bootstrapServers });
    // What nobody knows of may have been accepted, and then does not come again.
    const accepted = (): number => new Set(workers.flatMap(({ done, failed }) => [...done, ...failed])).size;
    let onProgress: (() => void) | undefined;
    const progress = (): void => onProgress?.();
    const untilAccepted = (count: number): Promise<void> =>
      new Promise((resolve) => {
        onProgress = () => {
          if (accepted() >= count) resolve();
        };
        progress();
      });
    const working = Promise.all(workers.map((worker) => worker.work(progress)));
    const written: string[] = [];
    let isWriting = true;
    const writing = (async (): Promise<void> => {
      while (isWriting) {
        const values = Array.from({ length: BATCH }, (_, index) => `v${written.length + index}`);
        await producer.sendBatch(
          TOPIC,
          values.map((value) => ({ value })),
        );
        written.push(...values);
      }
    })();
    for (const id of [2, 1, 3]) {
      await untilAccepted(accepted() + BETWEEN_KILLS);
      await cluster.node(id).kill();
      await untilAccepted(accepted() + BETWEEN_KILLS);
      await cluster.node(id).restart();
    }
    isWriting = false;
    await writing;
    await Promise.race([untilAccepted(written.length), working]);
    for (const worker of workers) worker.end();
    await working;
    await Promise.all([producer.close(), ...workers.map(({ consumer }) => consumer.close())]);
    const done = workers.flatMap(({ done: those }) => those);
    const failed = workers.flatMap(({ failed: those }) => those);
    console.info(`${done.length} accepted, ${failed.length} acknowledgements refused or unknown`);
    const isKnown = new Set([...done, ...failed]);
    expect(written.filter((value) => !isKnown.has(value))).toEqual([]);
    expect(new Set(done).size).toBe(done.length);
    expect(workers.every(({ done: those }) => those.length > 0)).toBe(true);
  },
);
