// What listeners are told, when, and what is committed by then; and who is thrown out.

import type { AssignorName, Consumer, ConsumerOptions, TopicPartition } from "../../src/index.ts";
import { numbersOf } from "./consumer-expectations-stage.ts";
import { failureOf } from "./failure-of.ts";
import { type GroupExpectation, type GroupExpectationStage, Listener, type Reading, WithLost } from "./group-expectations-stage.ts";

const MEMBER_IDS = "range goes by member ids, which are drawn";

type Sees = (consumer: Consumer, topic: string, partitions: readonly TopicPartition[], what: string) => unknown;

interface Rebalanced {
  readonly first: Reading;
  /** What the listener of the first was told when another one came. */
  readonly come: readonly (readonly unknown[])[];
  /** And when that one had gone. */
  readonly gone: readonly (readonly unknown[])[];
}

/** A member has two partitions; another one comes, and goes. */
async function rebalanced(
  stage: GroupExpectationStage,
  strategy: AssignorName,
  { sees, ...options }: Partial<ConsumerOptions> & { sees?: Sees } = {},
): Promise<Rebalanced> {
  const topic = await stage.topic();
  const groupId = stage.unique("group");
  const common = { groupId, partitionAssignmentStrategy: strategy, ...options };
  const look = (what: string, partitions: readonly TopicPartition[]): unknown => sees?.(first.consumer, topic, partitions, what);
  const listener = new WithLost(sees && look);
  const first: Reading = stage.reading(topic, common, listener);
  await stage.until("all to be read", () => first.read.length === 6);
  listener.calls.length = 0;
  const second = stage.reading(topic, common);
  await stage.until("both to share", () => first.owned.length === 1 && second.owned.length === 1);
  const words = strategy === "cooperative-sticky" ? 3 : 2;
  await stage.until("the listener to be told", () => listener.calls.length >= words);
  const come = [...listener.calls];
  await second.close();
  await stage.until("the first to have all again", () => first.owned.length === 2);
  return { first, come, gone: listener.calls.slice(come.length) };
}

function withCounts(calls: readonly (readonly unknown[])[]): readonly unknown[] {
  return calls.map(([what, which]) => [what, Array.isArray(which) ? which.length : which]);
}

/** What a listener that looks with this shows in its calls, when the consumer is closed. */
async function seenInClose(stage: GroupExpectationStage, sees: (consumer: Consumer) => unknown): Promise<unknown> {
  const listener: Listener = new Listener(() => sees(consumer));
  const consumer = stage.consumer();
  consumer.subscribe(await stage.topic(), listener);
  await stage.read(consumer, 1);
  listener.calls.splice(0, listener.calls.length - 1);
  await consumer.close();
  return listener.calls;
}

function throwing(word: string): Listener {
  return new Listener((what) => {
    if (what === word) throw new Error(word);
  });
}

const listening: readonly GroupExpectation[] = [
  {
    what: "the listener of the first join",
    theirs: [
      ["revoked", []],
      ["assigned", [0, 1]],
    ],
    luck: "a member whose leader does not know the topic yet is assigned nothing first",
    ours: [["assigned", [0, 1]]],
    why: "Java's choice: who has nothing is not told that it is taken away",
    show: async (stage) => {
      const listener = new Listener();
      await stage.joined(await stage.topic(), { listener });
      return listener.calls;
    },
  },
  {
    what: "assignment() in the listener",
    theirs: [
      ["assigned", [0, 1], [0, 1]],
      ["revoked", [0, 1], [0, 1]],
    ],
    show: (stage) => seenInClose(stage, (consumer) => numbersOf(consumer.assignment())),
  },
  {
    what: "seek in on_partitions_assigned",
    theirs: [
      [0, 2],
      [1, 2],
    ],
    show: async (stage) => {
      const listener: Listener = new Listener((what, partitions) => {
        if (what === "assigned") for (const place of partitions) consumer.seek(place, 2);
      });
      const consumer = stage.consumer();
      consumer.subscribe(await stage.topic(), listener);
      const records = await stage.read(consumer, 2);
      return records.map(({ partition, offset }) => [partition, offset]).toSorted(([a = 0], [b = 0]) => a - b);
    },
  },
  {
    what: "on_partitions_assigned that throws",
    theirs: ["KafkaError", [0, 1]],
    ours: ["Error", [0, 1]],
    why: "what it has thrown is thrown as it is",
    show: async (stage) => {
      const consumer = stage.consumer();
      consumer.subscribe(await stage.topic(), throwing("assigned"));
      const failed = await failureOf(() => stage.read(consumer, 1));
      return [failed, numbersOf(consumer.assignment())];
    },
  },
  {
    what: "on_partitions_revoked that throws, in close",
    theirs: "KafkaError",
    ours: null,
    why: "closing ends everything, whatever a listener does, which is reported (CALLBACK_FAILED)",
    show: async (stage) => {
      const consumer = await stage.joined(await stage.topic(), { listener: throwing("revoked") });
      return failureOf(() => consumer.close());
    },
  },
  {
    what: "the listener, when another one comes (eager)",
    theirs: [
      ["revoked", [0, 1]],
      ["assigned", [0]],
    ],
    luck: MEMBER_IDS,
    show: async (stage) => withOne((await rebalanced(stage, "range")).come),
  },
  {
    what: "the listener, when the other one has gone (eager)",
    theirs: [
      ["revoked", [0]],
      ["assigned", [0, 1]],
    ],
    luck: MEMBER_IDS,
    show: async (stage) => withOne((await rebalanced(stage, "range")).gone),
  },
  {
    what: "the listener, when another one comes (cooperative)",
    theirs: [["revoked", 1]],
    ours: [
      ["revoked", 1],
      ["assigned", 0],
      ["assigned", 0],
    ],
    why: "Java's choice: each of the two rebalances ends with a word",
    show: async (stage) => withCounts((await rebalanced(stage, "cooperative-sticky")).come),
  },
  {
    what: "the listener, when the other one has gone (cooperative)",
    theirs: [["assigned", 1]],
    show: async (stage) => withCounts((await rebalanced(stage, "cooperative-sticky")).gone),
  },
  {
    what: "what is handed out is committed before on_partitions_revoked",
    theirs: ["revoked", [0, 1], 6],
    show: (stage) => committedWhenRevoked(stage, {}),
  },
  {
    what: "enable_auto_commit=False commits nothing in a rebalance",
    theirs: ["revoked", [0, 1], 0],
    show: (stage) => committedWhenRevoked(stage, { enableAutoCommit: false }),
  },
];

/** Which of the two keeps which is up to their ids. */
function withOne(calls: readonly (readonly unknown[])[]): readonly unknown[] {
  return calls.map(([what, which]) => [what, Array.isArray(which) && which.length === 1 ? [0] : which]);
}

async function committedWhenRevoked(stage: GroupExpectationStage, options: Partial<ConsumerOptions>): Promise<unknown> {
  const groupId = stage.unique("group");
  const sees: Sees = (_, topic) => stage.allCommitted(groupId, topic);
  return (await rebalanced(stage, "range", { ...options, groupId, sees })).come[0];
}

/** A member that has read everything, and whom its coordinator does not know any more. */
async function thrownOut(stage: GroupExpectationStage, listener?: Listener): Promise<readonly [consumer: Consumer, topic: string]> {
  const topic = await stage.topic();
  const groupId = stage.unique("group");
  const consumer = await stage.joined(topic, { groupId, read: 6, listener });
  await stage.throwOut({ groupId, memberId: consumer.memberId });
  if (listener !== undefined) listener.calls.length = 0;
  return [consumer, topic];
}

/** What the listener is told when he hears of it, and then reads. */
async function toldWhenOut(stage: GroupExpectationStage, listener: Listener): Promise<unknown> {
  const [consumer, topic] = await thrownOut(stage, listener);
  await failureOf(() => consumer.commit());
  await stage.write(topic);
  await stage.read(consumer, 1);
  return listener.calls;
}

const goneAstray: readonly GroupExpectation[] = [
  {
    what: "commit of who was thrown out",
    theirs: "CommitFailedError",
    show: async (stage) => {
      const [consumer] = await thrownOut(stage);
      return failureOf(() => consumer.commit());
    },
  },
  {
    what: "the listener of who was thrown out",
    theirs: [
      ["lost", [0, 1]],
      ["assigned", [0, 1]],
    ],
    show: (stage) => toldWhenOut(stage, new WithLost()),
  },
  {
    what: "the listener of who was thrown out, without on_partitions_lost",
    theirs: [
      ["revoked", [0, 1]],
      ["assigned", [0, 1]],
    ],
    show: (stage) => toldWhenOut(stage, new Listener()),
  },
  {
    what: "the listener, when who was thrown out is closed",
    theirs: [["lost", [0, 1]]],
    show: async (stage) => {
      const listener = new WithLost();
      const [consumer] = await thrownOut(stage, listener);
      await failureOf(() => consumer.commit());
      await consumer.close();
      return listener.calls;
    },
  },
  {
    what: "who does not poll for max_poll_interval_ms",
    theirs: [
      null,
      [
        ["lost", [0, 1]],
        ["assigned", [0, 1]],
      ],
    ],
    ours: [
      "MaxPollIntervalError",
      [
        ["lost", [0, 1]],
        ["assigned", [0, 1]],
      ],
    ],
    why: "whoever reads next is told once why others have its partitions",
    show: async (stage) => {
      const topic = await stage.topic();
      const listener = new WithLost();
      const consumer = await stage.joined(topic, { listener, read: 6, maxPollIntervalMs: 1000 });
      listener.calls.length = 0;
      await stage.until("it to be gone", () => consumer.memberId === "");
      await stage.write(topic);
      const failed = await failureOf(() => stage.read(consumer, 1));
      if (failed !== null) await stage.read(consumer, 1);
      return [failed, listener.calls];
    },
  },
  {
    what: "a session_timeout_ms that the broker does not allow",
    theirs: "InvalidSessionTimeoutError",
    ours: "JoinRefusedError",
    why: "one error for whatever a coordinator refuses members for, which says what to do",
    show: async (stage) => {
      const topic = await stage.topic();
      return failureOf(() => stage.joined(topic, { sessionTimeoutMs: 1000 }));
    },
  },
  {
    what: "no strategy in common",
    theirs: "InconsistentGroupProtocolError",
    ours: "JoinRefusedError",
    why: "one error for whatever a coordinator refuses members for, which says what to do",
    show: async (stage) => {
      const [topic, groupId] = [await stage.topic(), stage.unique("group")];
      await stage.joined(topic, { groupId, partitionAssignmentStrategy: "range" });
      return failureOf(() => stage.joined(topic, { groupId, partitionAssignmentStrategy: "roundrobin" }));
    },
  },
];

export const listenerExpectations: readonly GroupExpectation[] = [...listening, ...goneAstray];
