// Answers that are well formed, and absurd.

import type { Random } from "../random.ts";

type Body = Record<string, unknown>;
/** Changes the true answer. */
export type Bomb = (body: Body, random: Random) => void;

const LONG_HOST = "h".repeat(32_000);
const HOSTS: readonly string[] = ["", LONG_HOST, "\u001b[31m\r\n", "nowhere.invalid", "127.0.0.1", "::1", "\0"];
const PORTS: readonly number[] = [0, -1, 70_000, 2_147_483_647, 1, 9092];
const NAMES: readonly string[] = ["__proto__", "constructor", "hasOwnProperty", "", "orders"];

function rows(value: unknown): Body[] {
  return Array.isArray(value) ? value : [];
}

function many(count: number, one: (index: number) => Body): Body[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

function each(value: unknown, change: (row: Body, index: number) => void): void {
  rows(value).forEach(change);
}

/** By API; each as likely as the other. */
export const bombs: ReadonlyMap<string, readonly Bomb[]> = new Map<string, readonly Bomb[]>([
  [
    "Metadata",
    [
      (body) => {
        const [first] = rows(body["topics"]);
        body["topics"] = [
          ...rows(body["topics"]),
          ...many(30_000, (index) => ({ ...first, errorCode: 0, name: `unasked-${index}`, partitions: [] })),
        ];
      },
      (body, random) => each(body["brokers"], (broker) => Object.assign(broker, { port: random.pick(PORTS) })),
      (body, random) => each(body["brokers"], (broker) => Object.assign(broker, { host: random.pick(HOSTS) })),
      (body) => each(body["brokers"], (broker) => Object.assign(broker, { nodeId: 1 })),
      (body, random) =>
        each(body["brokers"], (broker) => Object.assign(broker, { nodeId: random.pick([-1, -2, 7, 2_147_483_647]) })),
      (body) => Object.assign(body, { brokers: [] }),
      (body, random) => Object.assign(body, { clusterId: `cluster-${random.below(1000)}` }),
      (body, random) => Object.assign(body, { controllerId: random.pick([-1, 99, -2]) }),
      (body, random) => Object.assign(body, { throttleTimeMs: random.pick([-1, -2_147_483_648, 2_147_483_647, 5000]) }),
      (body) => Object.assign(body, { topics: [] }),
      (body, random) => each(body["topics"], (topic) => Object.assign(topic, { name: random.pick(NAMES) })),
      (body, random) =>
        each(body["topics"], (topic) => Object.assign(topic, { errorCode: random.pick([3, 5, 29, 17, -1, 6, 9999]) })),
      (body) => Object.assign(body, { topics: [...rows(body["topics"]), ...rows(body["topics"])] }),
      (body) => each(body["topics"], (topic) => Object.assign(topic, { partitions: [] })),
      (body) => ofPartitions(body, (partition) => Object.assign(partition, { leaderId: 99 })),
      (body) => ofPartitions(body, (partition) => Object.assign(partition, { leaderId: -1 })),
      (body, random) =>
        ofPartitions(body, (partition) => Object.assign(partition, { leaderEpoch: random.pick([-1, -2, 2_147_483_647]) })),
      (body) => ofPartitions(body, (partition) => Object.assign(partition, { partitionIndex: -1 })),
      (body) => ofPartitions(body, (partition) => Object.assign(partition, { partitionIndex: 0 })),
      (body) => ofPartitions(body, (partition, index) => Object.assign(partition, { partitionIndex: index * 100_000_000 })),
    ],
  ],
  [
    "ApiVersions",
    [
      (body) =>
        Object.assign(body, { apiKeys: many(60_000, (index) => ({ apiKey: index % 32_767, minVersion: 0, maxVersion: 1 })) }),
      (body) =>
        each(body["apiKeys"], (row) => Object.assign(row, { minVersion: row["maxVersion"], maxVersion: row["minVersion"] })),
      (body) =>
        Object.assign(body, {
          apiKeys: [...rows(body["apiKeys"]), ...rows(body["apiKeys"]).map((row) => ({ ...row, minVersion: 0, maxVersion: 0 }))],
        }),
      (body) => Object.assign(body, { apiKeys: [] }),
      (body, random) => Object.assign(body, { errorCode: random.pick([35, 129, -1, 58, 9999]) }),
      (body, random) => each(body["apiKeys"], (row) => Object.assign(row, { maxVersion: random.below(4) })),
      (body) => each(body["apiKeys"], (row) => Object.assign(row, { maxVersion: 32_767 })),
      (body, random) => Object.assign(body, { throttleTimeMs: random.pick([-1, 2_147_483_647]) }),
    ],
  ],
  [
    "FindCoordinator",
    [
      (body, random) =>
        each(body["coordinators"], (row) =>
          Object.assign(row, { errorCode: 0, nodeId: 99, host: random.pick(HOSTS), port: random.pick(PORTS) }),
        ),
      (body, random) =>
        each(
          body["coordinators"],
          (row) =>
            void Object.assign(row, { errorCode: 0, nodeId: random.pick([-1, 1, 3]), host: "127.0.0.1", port: random.pick(PORTS) }),
        ),
      (body) => Object.assign(body, { coordinators: [] }),
      (body, random) =>
        each(body["coordinators"], (row) => Object.assign(row, { errorCode: random.pick([14, 15, 16, 30, -1, 9999]) })),
    ],
  ],
  [
    "Heartbeat",
    [
      (body, random) => Object.assign(body, { errorCode: random.pick([14, 15, 16, 27, 129, 3, 6, -1, 9999]) }),
      (body) => Object.assign(body, { throttleTimeMs: 2_147_483_647 }),
    ],
  ],
  [
    "DescribeTopicPartitions",
    [
      (body) => Object.assign(body, { nextCursor: { topicName: "orders", partitionIndex: 1 } }),
      (body, random) =>
        Object.assign(body, { nextCursor: { topicName: `orders-${random.below(1e9)}`, partitionIndex: random.below(100) } }),
      (body, random) =>
        Object.assign(body, {
          nextCursor: {
            topicName: random.pick(["orders", "payments", "a", "z"]),
            partitionIndex: random.pick([-1, 0, 2, 2_147_483_647]),
          },
        }),
      (body) => Object.assign(body, { topics: [], nextCursor: { topicName: "zzz", partitionIndex: 0 } }),
      (body) => Object.assign(body, { topics: [] }),
    ],
  ],
  [
    "DescribeConfigs",
    [
      (body) =>
        Object.assign(body, {
          results: [
            ...rows(body["results"]),
            ...many(50_000, (index) => ({ ...rows(body["results"])[0], resourceName: `r${index}`, configs: [] })),
          ],
        }),
      (body) => Object.assign(body, { results: [] }),
      (body, random) => each(body["results"], (row) => Object.assign(row, { resourceName: random.pick(NAMES) })),
    ],
  ],
  [
    "DescribeCluster",
    [
      (body, random) =>
        each(
          body["brokers"],
          (row) =>
            void Object.assign(row, { brokerId: random.pick([-1, 1, 99]), host: random.pick(HOSTS), port: random.pick(PORTS) }),
        ),
      (body, random) => Object.assign(body, { errorCode: random.pick([41, 129, -1, 115, 114]) }),
    ],
  ],
]);

function ofPartitions(body: Body, change: (partition: Body, index: number) => void): void {
  each(body["topics"], (topic) => each(topic["partitions"], change));
}
