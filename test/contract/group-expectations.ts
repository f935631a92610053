// Table: what users of kafka-python's consumer are used to in groups, and what they get here. A row is a rule; `theirs` is what kafka-python
// 3.0.12 shows when it is run (test/interop/python/kafka_python_group_expectations.py); where we differ on purpose, `ours` and `why` say
// so. Options and subscriptions are here; what listeners are told, and leaving, in the other two files.

import type { ConsumerOptions } from "../../src/index.ts";
import { numbersOf, ONE_ERROR } from "./consumer-expectations-stage.ts";
import { failureOf } from "./failure-of.ts";
import { leavingExpectations } from "./group-expectations-leaving.ts";
import { listenerExpectations } from "./group-expectations-listeners.ts";
import { type GroupExpectation, Listener } from "./group-expectations-stage.ts";

const REFUSED = "what cannot work is refused when the consumer is made, with all problems at once";

function refused(what: string, options: Readonly<Record<string, unknown>>, theirs: string | null = null): GroupExpectation {
  const show: GroupExpectation["show"] = (stage) => failureOf(() => stage.consumer(options as Partial<ConsumerOptions>));
  return { what, theirs, ours: "ConfigError", why: REFUSED, show };
}

const options: readonly GroupExpectation[] = [
  refused("group_id=''", { groupId: "" }),
  refused("session_timeout_ms=0", { sessionTimeoutMs: 0 }, "KafkaConfigurationError"),
  refused("max_poll_interval_ms=0", { maxPollIntervalMs: 0 }),
  refused("auto_commit_interval_ms=-1", { autoCommitIntervalMs: -1 }),
  refused("heartbeat_interval_ms=0", { heartbeatIntervalMs: 0 }),
  refused("enable_auto_commit='yes'", { enableAutoCommit: "yes" }),
  refused("group_instance_id=''", { groupInstanceId: "" }),
  refused("group_instance_id='a b'", { groupInstanceId: "a b" }),
  refused("group_instance_id of 250 characters", { groupInstanceId: "x".repeat(250) }),
  refused("no partition_assignment_strategy", { partitionAssignmentStrategy: [] }, "KafkaConfigurationError"),
  refused("a partition_assignment_strategy that there is not", { partitionAssignmentStrategy: ["fair"] }, "TypeError"),
  {
    what: "eager and cooperative strategies together",
    theirs: "KafkaConfigurationError",
    ours: null,
    why: "Java's choice: it is how a group goes over from one to the other",
    show: (stage) => failureOf(() => stage.consumer({ partitionAssignmentStrategy: ["cooperative-sticky", "range"] })),
  },
  refused("default_offset_commit_callback that is none", { defaultOffsetCommitCallback: 42 }),
];

const subscribing: readonly GroupExpectation[] = [
  {
    what: "topics and a pattern at once",
    theirs: "IllegalStateError",
    show: async (stage) => {
      const topics: unknown = [await stage.topic(), /^x/];
      return failureOf(() => stage.consumer().subscribe(topics as string[]));
    },
  },
  {
    what: "subscribe to nothing",
    theirs: "ValueError",
    ours: null,
    why: "Java's choice: it is the same as unsubscribe()",
    show: (stage) => failureOf(() => stage.consumer().subscribe([])),
  },
  {
    what: "topics after a pattern",
    theirs: "IllegalStateError",
    show: (stage) => {
      const consumer = stage.consumer();
      consumer.subscribe(/^x/);
      return failureOf(() => consumer.subscribe("topic"));
    },
  },
  {
    what: "topics after a pattern and unsubscribe",
    theirs: null,
    show: (stage) => {
      const consumer = stage.consumer();
      consumer.subscribe(/^x/);
      consumer.unsubscribe();
      return failureOf(() => consumer.subscribe("topic"));
    },
  },
  {
    what: "subscription() is a copy",
    theirs: [true],
    show: (stage) => {
      const consumer = stage.consumer();
      consumer.subscribe("topic");
      const copy: unknown = consumer.subscription();
      (copy as Set<string>).add("another");
      return [...consumer.subscription()].map((it) => it === "topic");
    },
  },
  {
    what: "assignment before the group has come together",
    theirs: [],
    show: (stage) => {
      const consumer = stage.consumer();
      consumer.subscribe("topic");
      return consumer.assignment();
    },
  },
  {
    what: "position before the group has come together",
    theirs: "IllegalStateError",
    show: (stage) => {
      const consumer = stage.consumer();
      consumer.subscribe("topic");
      return failureOf(() => consumer.position({ topic: "topic", partition: 0 }));
    },
  },
  {
    what: "seek before the group has come together",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: (stage) => {
      const consumer = stage.consumer();
      consumer.subscribe("topic");
      return failureOf(() => consumer.seek({ topic: "topic", partition: 0 }, 0));
    },
  },
  {
    what: "assignment of a member",
    theirs: [0, 1],
    show: async (stage) => numbersOf((await stage.joined(await stage.topic())).assignment()),
  },
  {
    what: "group_metadata of a member",
    theirs: [true, true],
    show: async (stage) => {
      const { memberId, generationId = -1 } = (await stage.joined(await stage.topic())).groupMetadata();
      return [memberId !== "", generationId > 0];
    },
  },
  {
    what: "subscribe to the same topics",
    theirs: [0, 1],
    show: async (stage) => {
      const topic = await stage.topic();
      const consumer = await stage.joined(topic);
      consumer.subscribe([topic]);
      return numbersOf(consumer.assignment());
    },
  },
  {
    what: "subscribe to other topics of a group",
    theirs: [[true], 6],
    show: async (stage) => {
      const [first, other, groupId] = [await stage.topic(), await stage.topic(), stage.unique("group")];
      const consumer = await stage.joined(first, { groupId, read: 6 });
      consumer.subscribe(other);
      const records = await stage.read(consumer, 6);
      return [[...new Set(records.map(({ topic }) => topic === other))], await stage.allCommitted(groupId, first)];
    },
  },
  {
    what: "a topic that comes later fits the pattern",
    theirs: [1, 1],
    show: async (stage) => {
      const name = `${stage.unique("later")}-a`;
      const reading = stage.reading(new RegExp(`^${name.slice(0, -2)}`), { metadataMaxAgeMs: 300 });
      await stage.topic({ name, partitions: 1, each: 1 });
      await stage.until("its record", () => reading.read.length === 1);
      return [reading.consumer.subscription().size, reading.owned.length];
    },
  },
  {
    what: "one more",
    theirs: [2, 2],
    show: async (stage) => {
      const word = stage.unique("later");
      const reading = stage.reading(new RegExp(`^${word}`), { metadataMaxAgeMs: 300 });
      for (const [count, end] of ["a", "b"].entries()) {
        await stage.topic({ name: `${word}-${end}`, partitions: 1, each: 1 });
        await stage.until("its record", () => reading.read.length === count + 1);
      }
      return [reading.consumer.subscription().size, reading.owned.length];
    },
  },
  {
    what: "a listener is replaced, also by none",
    theirs: [],
    show: async (stage) => {
      const topic = await stage.topic();
      const listener = new Listener();
      const consumer = await stage.joined(topic, { listener });
      listener.calls.length = 0;
      consumer.subscribe(topic);
      await consumer.close();
      return listener.calls;
    },
  },
];

export const groupExpectations: readonly GroupExpectation[] = [
  ...options,
  ...subscribing,
  ...listenerExpectations,
  ...leavingExpectations,
];
