// Auto-commit, unsubscribing, closing, static members.

import type { Consumer, ConsumerCloseOptions, ConsumerOptions, TopicPartition } from "../../src/index.ts";
import { numbersOf } from "./consumer-expectations-stage.ts";
import { failureOf } from "./failure-of.ts";
import { type GroupExpectation, type GroupExpectationStage, Listener } from "./group-expectations-stage.ts";

const CLOSED = "a client that was closed says so";

/** Both partitions are read; then it is unsubscribed. What is committed in the end, and what the listener is told. */
async function unsubscribed(
  stage: GroupExpectationStage,
  options: Partial<ConsumerOptions> = {},
): Promise<{ readonly told: unknown; readonly committed: () => Promise<number> }> {
  const [topic, groupId, listener] = [await stage.topic(), stage.unique("group"), new Listener()];
  const consumer = await stage.joined(topic, { groupId, listener, read: 6, ...options });
  listener.calls.length = 0;
  consumer.unsubscribe();
  // The listener is told by the next call that reads.
  await consumer.poll();
  return { told: listener.calls, committed: () => stage.allCommitted(groupId, topic) };
}

/** How closing ends, what the listener is told in it, and what is committed by then. */
async function closed(
  stage: GroupExpectationStage,
  options: Partial<ConsumerOptions>,
  how: ConsumerCloseOptions = {},
): Promise<unknown> {
  const [topic, groupId] = [await stage.topic(), stage.unique("group")];
  const listener = new Listener(() => stage.allCommitted(groupId, topic));
  const consumer = await stage.joined(topic, { groupId, listener, read: 6, ...options });
  listener.calls.length = 0;
  const failed = await failureOf(() => consumer.close(how));
  return [failed, listener.calls];
}

const unsubscribing: readonly GroupExpectation[] = [
  {
    what: "the listener, when a member is unsubscribed",
    theirs: [],
    ours: [["revoked", [0, 1]]],
    why: "Java's choice: whoever keeps something for a partition hears that it goes",
    show: async (stage) => (await unsubscribed(stage)).told,
  },
  {
    what: "assignment and subscription after unsubscribe",
    theirs: [[], []],
    show: async (stage) => {
      const consumer = await stage.joined(await stage.topic());
      consumer.unsubscribe();
      return [consumer.assignment(), [...consumer.subscription()]];
    },
  },
  {
    what: "unsubscribe commits nothing of what the last poll handed out",
    theirs: 0,
    show: async (stage) => {
      const { committed } = await unsubscribed(stage);
      await stage.pause(200);
      return committed();
    },
  },
  {
    what: "poll after unsubscribe",
    theirs: 0,
    show: async (stage) => {
      const consumer = await stage.joined(await stage.topic());
      consumer.unsubscribe();
      return (await consumer.poll({ timeoutMs: 100 })).count;
    },
  },
  {
    what: "unsubscribe with enable_auto_commit=False",
    theirs: 0,
    show: async (stage) => {
      const { committed } = await unsubscribed(stage, { enableAutoCommit: false });
      await stage.pause(200);
      return committed();
    },
  },
];

const closing: readonly GroupExpectation[] = [
  { what: "close of a member", theirs: [null, [["revoked", [0, 1], 6]]], show: (stage) => closed(stage, {}) },
  {
    what: "close(autocommit=False) of a member",
    theirs: [null, [["revoked", [0, 1], 0]]],
    show: (stage) => closed(stage, {}, { autocommit: false }),
  },
  {
    what: "close of a member with enable_auto_commit=False",
    theirs: [null, [["revoked", [0, 1], 0]]],
    show: (stage) => closed(stage, { enableAutoCommit: false }),
  },
  {
    what: "close(autocommit=True) of a member with enable_auto_commit=False",
    theirs: [null, [["revoked", [0, 1], 0]]],
    ours: [null, [["revoked", [0, 1], 6]]],
    why: "whoever asks for it gets it",
    show: (stage) => closed(stage, { enableAutoCommit: false }, { autocommit: true }),
  },
  ...afterClose("committed", "RuntimeError", (consumer, place) => consumer.committed(place)),
  ...afterClose("commit", "RuntimeError", (consumer) => consumer.commit()),
  ...afterClose("position", "IllegalStateError", (consumer, place) => consumer.position(place)),
  ...afterClose("subscribe", null, (consumer, { topic }) => consumer.subscribe(topic)),
  ...afterClose("unsubscribe", "RuntimeError", (consumer) => consumer.unsubscribe()),
  {
    what: "subscription after close",
    theirs: [true],
    show: async (stage) => {
      const topic = await stage.topic();
      const consumer = await stage.joined(topic);
      await consumer.close();
      return [...consumer.subscription()].map((it) => it === topic);
    },
  },
  {
    what: "assignment of a member after close",
    theirs: [],
    show: async (stage) => {
      const consumer = await stage.joined(await stage.topic());
      await consumer.close();
      return numbersOf(consumer.assignment());
    },
  },
  {
    what: "group_metadata after close",
    theirs: ["", -1],
    ours: "as before",
    why: "brokers let a transaction through that commits in nobody's name (KIP-447), and refuse one of somebody who has gone",
    show: async (stage) => {
      const consumer = await stage.joined(await stage.topic());
      const before = consumer.groupMetadata();
      await consumer.close();
      const { memberId, generationId } = consumer.groupMetadata();
      return memberId === before.memberId && generationId === before.generationId ? "as before" : [memberId, generationId];
    },
  },
  {
    what: "who closes gives way at once",
    theirs: [0, 1],
    show: async (stage) => {
      const [topic, groupId] = [await stage.topic(), stage.unique("group")];
      const first = await stage.joined(topic, { groupId, read: 6 });
      const second = stage.reading(topic, { groupId });
      await first.close();
      await stage.until("all", () => second.owned.length === 2);
      return second.owned;
    },
  },
];

function afterClose(
  call: string,
  theirs: string | null,
  act: (consumer: Consumer, place: TopicPartition) => unknown,
): readonly GroupExpectation[] {
  const show: GroupExpectation["show"] = async (stage) => {
    const topic = await stage.topic();
    const consumer = await stage.joined(topic);
    await consumer.close();
    return failureOf(() => act(consumer, { topic, partition: 0 }));
  };
  return [{ what: `${call} after close`, theirs, ours: "ClosedError", why: CLOSED, show }];
}

const staticMembers: readonly GroupExpectation[] = [
  {
    what: "a static member that closes and comes back",
    theirs: [true, 0],
    show: async (stage) => {
      const [topic, groupId, listener] = [await stage.topic(), stage.unique("group"), new Listener()];
      const other = stage.reading(topic, { groupId, groupInstanceId: "other" }, listener);
      await stage.until("the first", () => other.owned.length === 2);
      const static_ = stage.reading(topic, { groupId, groupInstanceId: "me" });
      await stage.until("both", () => other.owned.length === 1 && static_.owned.length === 1);
      const [before, told] = [static_.owned, listener.calls.length];
      await static_.close();
      const again = stage.reading(topic, { groupId, groupInstanceId: "me" });
      await stage.until("it to be back", () => again.owned.length > 0);
      await stage.pause(500);
      return [String(again.owned) === String(before), listener.calls.length - told];
    },
  },
  {
    what: "the former of two with one group_instance_id",
    theirs: "FencedInstanceIdError",
    ours: "BrokerError",
    why: "what a broker says is a BrokerError, whose code is Kafka's: FENCED_INSTANCE_ID",
    show: async (stage) => {
      const [topic, groupId] = [await stage.topic(), stage.unique("group")];
      const former = stage.reading(topic, { groupId, groupInstanceId: "me" });
      await stage.until("it to read", () => former.owned.length === 2);
      stage.reading(topic, { groupId, groupInstanceId: "me" });
      await stage.until("the fence", () => former.failure !== undefined);
      return former.failure instanceof Error ? former.failure.name : former.failure;
    },
  },
];

const autoCommits: readonly GroupExpectation[] = [
  {
    what: "default_offset_commit_callback of auto-commits",
    theirs: [[3], false],
    luck: "it commits when it is polled after the interval, if its coordinator is known by then",
    show: async (stage) => {
      const told: unknown[] = [];
      const topic = await stage.topic();
      const consumer = await stage.joined(topic, {
        read: 6,
        autoCommitIntervalMs: 50,
        defaultOffsetCommitCallback: (offsets, error) =>
          told.push([[...new Set(offsets.map(({ offset }) => offset))], error !== undefined]),
      });
      for (let polls = 0; polls < 100 && told.length === 0; polls++) await consumer.poll({ timeoutMs: 50 });
      return told[0];
    },
  },
  {
    what: "default_offset_commit_callback of the commit in close",
    theirs: [],
    show: async (stage) => {
      const told: unknown[] = [];
      const defaultOffsetCommitCallback = (): void => void told.push("told");
      await (await stage.joined(await stage.topic(), { read: 6, defaultOffsetCommitCallback })).close();
      return told;
    },
  },
  {
    what: "auto-commit of a member",
    theirs: 6,
    luck: "it commits when it is polled after the interval, if its coordinator is known by then",
    show: async (stage) => {
      const [topic, groupId] = [await stage.topic(), stage.unique("group")];
      const consumer = await stage.joined(topic, { groupId, read: 6, autoCommitIntervalMs: 50 });
      await stage.until("the commit", async () => {
        await consumer.poll();
        return (await stage.allCommitted(groupId, topic)) > 0;
      });
      return stage.allCommitted(groupId, topic);
    },
  },
  {
    what: "enable_auto_commit=False commits nothing by itself",
    theirs: 0,
    show: async (stage) => {
      const [topic, groupId] = [await stage.topic(), stage.unique("group")];
      const consumer = await stage.joined(topic, { groupId, read: 6, enableAutoCommit: false, autoCommitIntervalMs: 50 });
      for (let polls = 0; polls < 3; polls++) await consumer.poll({ timeoutMs: 100 });
      return stage.allCommitted(groupId, topic);
    },
  },
  {
    what: "a member begins with what is committed",
    theirs: [3, 3],
    show: async (stage) => {
      const [topic, groupId] = [await stage.topic(), stage.unique("group")];
      await (await stage.joined(topic, { groupId, read: 4 })).close();
      const next = await stage.joined(topic, { groupId, read: 2 });
      return Promise.all([0, 1].map((partition) => next.position({ topic, partition })));
    },
  },
];

export const leavingExpectations: readonly GroupExpectation[] = [...unsubscribing, ...closing, ...staticMembers, ...autoCommits];
