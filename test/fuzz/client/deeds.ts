// What is asked of a hostile broker: everything that an Admin client can do, and what only other clients will.

import type { CallOptions, ClientCore } from "../../../src/client/client-core.ts";
import type { Admin } from "../../../src/client/index.ts";
import { FindCoordinator, Heartbeat } from "../../../src/protocol/index.ts";
import type { Random } from "../random.ts";

export interface Clients {
  readonly admin: Admin;
  /** Beneath every kind of client. */
  readonly core: ClientCore;
}

export type Deed = readonly [name: string, run: (clients: Clients, options: CallOptions) => Promise<unknown>];

const ORDERS = { topic: "orders", partition: 0 };
const PAYMENTS = { topic: "payments", partition: 2 };
const topicConfig = { type: "topic", name: "orders" } as const;

const deeds: readonly Deed[] = [
  ["listTopics", ({ admin }, options) => admin.listTopics(options)],
  ["describeTopics", ({ admin }, options) => admin.describeTopics(["orders", "payments", "none"], options)],
  ["describeCluster", ({ admin }, options) => admin.describeCluster(options)],
  ["describeFeatures", ({ admin }, options) => admin.describeFeatures(options)],
  ["describeApiVersions", ({ admin }, options) => admin.describeApiVersions(options)],
  ["createTopics", ({ admin }, options) => admin.createTopics([{ name: "new" }, { name: "orders" }], options)],
  ["deleteTopics", ({ admin }, options) => admin.deleteTopics(["new", "payments"], options)],
  ["createPartitions", ({ admin }, options) => admin.createPartitions({ orders: 5, none: 2 }, options)],
  [
    "describeConfigs",
    ({ admin }, options) =>
      admin.describeConfigs([topicConfig, { type: "broker", name: "1" }, { type: "broker", name: "2" }], options),
  ],
  [
    "incrementalAlterConfigs",
    ({ admin }, options) => admin.incrementalAlterConfigs([{ ...topicConfig, set: { "retention.ms": "1000" } }], options),
  ],
  [
    "listOffsets",
    ({ admin }, options) =>
      admin.listOffsets(
        [ORDERS, PAYMENTS].map((one) => ({ ...one, at: "latest" as const })),
        options,
      ),
  ],
  [
    "deleteRecords",
    ({ admin }, options) =>
      admin.deleteRecords(
        [
          { ...ORDERS, offset: 0 },
          { ...PAYMENTS, offset: 0 },
        ],
        options,
      ),
  ],
  [
    "updateFeatures",
    ({ admin }, options) => admin.updateFeatures({ "metadata.version": { level: 1, direction: "unsafeDowngrade" } }, options),
  ],
  [
    "topics",
    ({ core }, options) => core.call("topics", options, ({ cluster, deadline }) => cluster.topics(["orders", "none"], deadline)),
  ],
  [
    "refresh",
    ({ core }, options) => core.call("refresh", options, ({ cluster, deadline }) => cluster.refresh(deadline, ["orders"])),
  ],
  [
    "find",
    ({ core }, options) =>
      core.call("find", options, ({ cluster, deadline }) =>
        cluster.ask(FindCoordinator, { key: "g", coordinatorKeys: ["g"], keyType: 0 }, { kind: "any" }, { deadline }),
      ),
  ],
  [
    "heartbeat",
    ({ core }, options) =>
      core.call("heartbeat", options, ({ cluster, deadline }) =>
        cluster.ask(
          Heartbeat,
          { groupId: "g", memberId: "m", generationId: 1 },
          { kind: "coordinator", type: "group", key: "g" },
          { deadline, errorsIn: ({ errorCode }) => [errorCode] },
        ),
      ),
  ],
];

export function drawDeed(random: Random): Deed {
  return random.pick(deeds);
}
