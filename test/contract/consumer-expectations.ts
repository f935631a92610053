// What users of kafka-python's consumer are used to, and what they get here: all of it that needs no membership of a group, which is in the
// table of group-expectations.ts. A row is a rule; `theirs` is what kafka-python 3.0.12 shows when it is run
// (test/interop/python/kafka_python_consumer_expectations.py); where we differ on purpose, `ours` and `why` say so. The rows are in four
// files: construction and subscriptions here, reading, positions, commits.

import type { ConsumerRecord, TopicPartition } from "../../src/index.ts";
import { commitExpectations } from "./consumer-expectations-commits.ts";
import { positionExpectations } from "./consumer-expectations-positions.ts";
import { readingExpectations } from "./consumer-expectations-reading.ts";
import { type ConsumerExpectation, numbersOf, ONE_ERROR, pollUntil, read, refusedWith } from "./consumer-expectations-stage.ts";
import { failureOf } from "./failure-of.ts";

const REFUSED = "Java's choice: what cannot work is refused when the consumer is made, with all problems at once";

class Calls {
  readonly calls: unknown[] = [];

  onPartitionsAssigned(partitions: readonly TopicPartition[]): void {
    this.calls.push(["assigned", numbersOf(partitions)]);
  }

  onPartitionsRevoked(partitions: readonly TopicPartition[]): void {
    this.calls.push(["revoked", numbersOf(partitions)]);
  }
}

function placesOf(records: readonly ConsumerRecord<unknown, unknown>[]): readonly (readonly number[])[] {
  return records.map(({ partition, offset }) => [partition, offset]).toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
}

const construction: readonly ConsumerExpectation[] = [
  {
    what: "an unknown key",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: REFUSED,
    show: refusedWith({ noSuchKey: 1 }),
  },
  {
    what: "an isolation_level that there is not",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: REFUSED,
    show: refusedWith({ isolationLevel: "read_everything" }),
  },
  {
    what: "an auto_offset_reset that there is not",
    theirs: null,
    ours: "ConfigError",
    why: "kafka-python warns, and means 'none' by it; a slip of the pen should not look like data that is missing",
    show: refusedWith({ autoOffsetReset: "somewhere" }),
  },
  {
    what: "group_instance_id without group_id",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: REFUSED,
    show: refusedWith({ groupInstanceId: "me" }),
  },
  {
    what: "fetch_max_wait_ms that is not less than request_timeout_ms",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: REFUSED,
    show: refusedWith({ fetchMaxWaitMs: 5000, requestTimeoutMs: 5000 }),
  },
  {
    what: "heartbeat_interval_ms that is not less than session_timeout_ms",
    theirs: "KafkaConfigurationError",
    ours: "ConfigError",
    why: REFUSED,
    show: refusedWith({ groupId: "group", heartbeatIntervalMs: 6000, sessionTimeoutMs: 6000 }),
  },
  {
    what: "enable_auto_commit=True without group_id",
    theirs: null,
    ours: "ConfigError",
    why: "kafka-python only warns; whoever wants commits has forgotten the group",
    show: refusedWith({ enableAutoCommit: true }),
  },
  {
    what: "auto_offset_reset='smallest' is earliest",
    theirs: 2,
    show: ({ of, p1 }) => of([p1], { autoOffsetReset: "smallest" }).position(p1),
  },
  {
    what: "auto_offset_reset='largest' is latest",
    theirs: 5,
    show: ({ of, p1 }) => of([p1], { autoOffsetReset: "largest" }).position(p1),
  },
  {
    what: "the constructor, when no server answers",
    theirs: "KafkaTimeoutError",
    ours: [null, "BootstrapError"],
    why: "nothing is connected by making a consumer: the first call that reads tells it",
    show: async ({ plain }) => {
      const options = { bootstrapServers: "127.0.0.1:1", bootstrapTimeoutMs: 300 };
      const made = await failureOf(() => plain(options));
      return [
        made,
        await failureOf(() =>
          plain(options)
            .poll({ timeoutMs: 10_000 })
            .then(() => undefined),
        ),
      ];
    },
  },
  {
    what: "bootstrap_connected after the first poll",
    theirs: [1, false],
    ours: [1, true],
    why: "true since a bootstrap server has answered; kafka-python 3.0.12 is true only until then",
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      return [(await read(consumer, 1)).length, consumer.bootstrapConnected()];
    },
  },
];

const subscribing: readonly ConsumerExpectation[] = [
  { what: "assignment", theirs: [0, 1], show: ({ of, p0, p1 }) => numbersOf(of([p0, p1]).assignment()) },
  {
    what: "assign replaces what was assigned",
    theirs: [2],
    show: ({ of, p0, p1, p2 }) => {
      const consumer = of([p0, p1]);
      consumer.assign([p2]);
      return numbersOf(consumer.assignment());
    },
  },
  {
    what: "subscribe after assign",
    theirs: "IllegalStateError",
    show: ({ of, p0 }) => failureOf(() => of([p0]).subscribe(p0.topic)),
  },
  {
    what: "assign nothing",
    theirs: [[], null],
    show: async ({ of, p0 }) => {
      const consumer = of([p0]);
      consumer.assign([]);
      return [consumer.assignment(), await failureOf(() => consumer.subscribe(p0.topic))];
    },
  },
  {
    what: "assign after subscribe",
    theirs: "IllegalStateError",
    show: ({ subscribed, p0 }) => failureOf(() => subscribed([p0.topic]).assign([p0])),
  },
  {
    what: "a pattern after topics",
    theirs: "IllegalStateError",
    show: ({ subscribed, p0 }) => failureOf(() => subscribed([p0.topic]).subscribe(/^x/)),
  },
  {
    what: "subscribe to other topics",
    theirs: [null, 2],
    show: async ({ subscribed, p0, unique }) => {
      const consumer = subscribed([p0.topic]);
      return [await failureOf(() => consumer.subscribe([p0.topic, unique("another")])), consumer.subscription().size];
    },
  },
  {
    what: "unsubscribe",
    theirs: [[], []],
    show: ({ subscribed, p0 }) => {
      const consumer = subscribed([p0.topic]);
      consumer.unsubscribe();
      return [consumer.assignment(), [...consumer.subscription()]];
    },
  },
  {
    what: "subscription, before there was one",
    theirs: null,
    ours: new Set(),
    why: "an empty set, as in Java: one kind of answer",
    show: ({ plain }) => plain().subscription(),
  },
  {
    what: "assign keeps position and pause of what stays",
    theirs: [7, [0]],
    show: async ({ of, p0, p1, p2 }) => {
      const consumer = of([p0, p1]);
      consumer.seek(p0, 7);
      consumer.pause(p0);
      consumer.assign([p0, p2]);
      return [await consumer.position(p0), numbersOf(consumer.paused())];
    },
  },
  {
    what: "subscribe without a group reads all partitions",
    theirs: true,
    show: async ({ subscribed, p0 }) => {
      const wanted = [...Array.from({ length: 10 }, (_, i) => [0, i]), [1, 2], [1, 3], [1, 4]];
      return JSON.stringify(placesOf(await read(subscribed([p0.topic]), 13))) === JSON.stringify(wanted);
    },
  },
  {
    what: "the listener of a subscription without a group",
    theirs: [],
    ours: [["assigned", [0, 1, 2]]],
    why: "whoever asks to be told of partitions is told, whoever assigns them",
    show: async ({ plain, p0 }) => {
      const [consumer, told] = [plain(), new Calls()];
      consumer.subscribe(p0.topic, told);
      await read(consumer, 13);
      return told.calls;
    },
  },
  {
    what: "assignment of a subscription",
    theirs: [0, 1, 2],
    show: async ({ subscribed, p0 }) => {
      const consumer = subscribed([p0.topic]);
      await read(consumer, 13);
      return numbersOf(consumer.assignment());
    },
  },
  {
    what: "the listener, when it is unsubscribed",
    theirs: [],
    show: async ({ plain, p0 }) => {
      const [consumer, told] = [plain(), new Calls()];
      consumer.subscribe(p0.topic, told);
      await read(consumer, 13);
      consumer.unsubscribe();
      return told.calls.slice(1);
    },
  },
  {
    what: "subscribe to one topic as a text",
    theirs: "TypeError",
    ours: null,
    why: "a text is one topic: it is no list of letters here",
    show: ({ plain, p0 }) => failureOf(() => plain().subscribe(p0.topic)),
  },
  {
    what: "subscribe to a name that no topic can have",
    theirs: "ValueError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ plain }) => failureOf(() => plain().subscribe("not a topic")),
  },
  {
    what: "subscribe to what is no topic",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: ({ plain }) => failureOf(() => Reflect.apply(plain().subscribe, plain(), [[42]])),
  },
  {
    what: "subscribe with a listener that is none",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: `${ONE_ERROR}; and nothing is subscribed to then`,
    show: ({ plain, p0 }) => failureOf(() => Reflect.apply(plain().subscribe, plain(), [p0.topic, 42])),
  },
  {
    what: "subscription of a pattern",
    theirs: [true],
    show: async ({ plain, p0 }) => {
      const consumer = plain();
      consumer.subscribe(new RegExp(`^${p0.topic}$`));
      await read(consumer, 13);
      return [...consumer.subscription()].map((topic) => topic === p0.topic);
    },
  },
  {
    what: "a pattern fits anywhere in a name",
    theirs: false,
    ours: true,
    why: "as JavaScript's regular expressions do; Python's match() begins at the beginning, here that is written ^",
    show: async ({ plain, p0 }) => {
      const consumer = plain();
      consumer.subscribe(new RegExp(p0.topic.slice(1)));
      return (await read(consumer, 1)).length > 0;
    },
  },
  {
    what: "a pattern leaves internal topics out",
    theirs: [],
    show: async ({ plain, withInternalTopic }) => {
      await withInternalTopic();
      const consumer = plain();
      consumer.subscribe(/^__consumer_offsets$/);
      await consumer.poll({ timeoutMs: 500 });
      return [...consumer.subscription()];
    },
  },
  {
    what: "exclude_internal_topics=False",
    theirs: ["__consumer_offsets"],
    show: async ({ plain, withInternalTopic }) => {
      await withInternalTopic();
      const consumer = plain({ excludeInternalTopics: false });
      consumer.subscribe(/^__consumer_offsets$/);
      await pollUntil(consumer, () => consumer.subscription().size > 0);
      return [...consumer.subscription()];
    },
  },
  ...[true, false].map((allowed): ConsumerExpectation => {
    const row = {
      what: `allow_auto_create_topics=${allowed ? "True" : "False"}`,
      theirs: true,
      show: async ({ plain, unique }) => {
        const topic = unique("made");
        const consumer = plain({ allowAutoCreateTopics: allowed });
        consumer.subscribe(topic);
        const isThere = async (): Promise<boolean> => (await consumer.topics()).has(topic);
        if (allowed) await pollUntil(consumer, isThere);
        else await consumer.poll({ timeoutMs: 500 });
        return isThere();
      },
    } satisfies ConsumerExpectation;
    return allowed ? row : { ...row, ours: false, why: "what is not allowed is not done; kafka-python 3.0.12 has it created" };
  }),
];

export const consumerExpectations: readonly ConsumerExpectation[] = [
  ...construction,
  ...subscribing,
  ...readingExpectations,
  ...positionExpectations,
  ...commitExpectations,
];
