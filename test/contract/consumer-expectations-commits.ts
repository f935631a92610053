// Rows of consumer-expectations.ts: what a consumer that assigns its partitions itself commits, and how it ends.

import { setTimeout as pause } from "node:timers/promises";
import type { Consumer, ConsumerOptions } from "../../src/index.ts";
import {
  type ConsumerExpectation,
  type ConsumerExpectationStage,
  numbersOf,
  ONE_ERROR,
  offsetsOf,
  read,
} from "./consumer-expectations-stage.ts";
import { failureOf } from "./failure-of.ts";

/** In a group of its own, without auto-commit unless told otherwise. */
function member({ of, p0, unique }: ConsumerExpectationStage, options: Partial<ConsumerOptions> = {}): Consumer {
  return of([p0], { groupId: unique("group"), enableAutoCommit: false, ...options });
}

const TOO_MUCH = "x".repeat(5000);
const NAMED = "what a broker says is a BrokerError, whose code is Kafka's: OFFSET_METADATA_TOO_LARGE";
const CLOSED = "a client that was closed says so";

const committing: readonly ConsumerExpectation[] = [
  { what: "commit without a group", theirs: "IllegalStateError", show: ({ of, p0 }) => failureOf(() => of([p0]).commit()) },
  {
    what: "commit_async without a group",
    theirs: "IllegalStateError",
    show: ({ of, p0 }) => failureOf(() => of([p0]).commitAsync()),
  },
  { what: "committed without a group", theirs: "IllegalStateError", show: ({ of, p0 }) => failureOf(() => of([p0]).committed(p0)) },
  { what: "committed, before anything is", theirs: null, show: (stage) => member(stage).committed(stage.p0) },
  {
    what: "commit is of the position",
    theirs: [null, 3],
    show: async (stage) => {
      const consumer = member(stage);
      await read(consumer, 3);
      return [await failureOf(() => consumer.commit()), (await consumer.committed(stage.p0))?.offset];
    },
  },
  {
    what: "commit offsets with metadata",
    theirs: [4, "a word"],
    show: async (stage) => {
      const consumer = member(stage);
      await consumer.commit([{ ...stage.p1, offset: 4, metadata: "a word" }]);
      const committed = await consumer.committed(stage.p1);
      return [committed?.offset, committed?.metadata];
    },
  },
  { what: "commit of no offsets", theirs: null, show: (stage) => failureOf(() => member(stage).commit([])) },
  {
    what: "commit of what are no offsets",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: (stage) => failureOf(() => Reflect.apply(member(stage).commit, member(stage), [42])),
  },
  {
    what: "commit of a negative offset",
    theirs: null,
    ours: "IllegalStateError",
    why: "Java's choice: a group that goes on at -5 goes on wherever the policy says",
    show: (stage) => failureOf(() => member(stage).commit([{ ...stage.p0, offset: -5 }])),
  },
  {
    what: "commit with too much metadata",
    theirs: "OffsetMetadataTooLargeError",
    ours: "BrokerError",
    why: NAMED,
    show: (stage) => failureOf(() => member(stage).commit([{ ...stage.p0, offset: 4, metadata: TOO_MUCH }])),
  },
  {
    what: "committed of what is no partition",
    theirs: "TypeError",
    ours: "IllegalStateError",
    why: ONE_ERROR,
    show: (stage) => failureOf(() => Reflect.apply(member(stage).committed, member(stage), ["records"])),
  },
  {
    what: "commit what was only sought",
    theirs: [null, 9],
    show: async (stage) => {
      const consumer = member(stage);
      consumer.seek(stage.p0, 9);
      return [await failureOf(() => consumer.commit()), (await consumer.committed(stage.p0))?.offset];
    },
  },
  {
    what: "commit in a loop is of what it was given",
    theirs: 3,
    show: async (stage) => {
      const consumer = member(stage);
      for await (const { offset } of consumer) {
        if (offset < 2) continue;
        await consumer.commit();
        break;
      }
      return (await consumer.committed(stage.p0))?.offset;
    },
  },
  {
    what: "who comes next begins with what is committed",
    theirs: [9, 4],
    show: async (stage) => {
      const { p0, p1, of, unique } = stage;
      const groupId = unique("group");
      await member(stage, { groupId }).commit([
        { ...p0, offset: 9 },
        { ...p1, offset: 4 },
      ]);
      const next = of([p0, p1], { groupId });
      return [await next.position(p0), await next.position(p1)];
    },
  },
  {
    what: "reading begins with what is committed when it begins",
    theirs: [7],
    show: async (stage) => {
      const consumer = member(stage);
      for (const offset of [3, 7]) await consumer.commit([{ ...stage.p0, offset }]);
      return offsetsOf(await consumer.poll({ timeoutMs: 10_000, maxRecords: 1 }));
    },
  },
  {
    what: "commit_async calls nobody at once",
    theirs: true,
    show: (stage) => {
      let isCalled = false;
      member(stage).commitAsync([{ ...stage.p0, offset: 1 }], () => {
        isCalled = true;
      });
      return !isCalled;
    },
  },
  {
    // kafka-python tells those that it tells together the last one first; the row sorts what it told.
    what: "callbacks of commit_async",
    theirs: [
      [1, false],
      [2, false],
      [3, false],
    ],
    show: async (stage) => {
      const consumer = member(stage);
      const told: unknown[] = [];
      for (const offset of [1, 2, 3]) {
        consumer.commitAsync([{ ...stage.p0, offset }], (offsets, error) => told.push([offsets[0]?.offset, error !== undefined]));
      }
      await consumer.commit([{ ...stage.p0, offset: 4 }]);
      return told;
    },
  },
  {
    what: "commit_async that fails",
    theirs: ["OffsetMetadataTooLargeError"],
    ours: ["BrokerError"],
    why: NAMED,
    show: (stage) =>
      new Promise((resolve) => {
        const offsets = [{ ...stage.p0, offset: 1, metadata: TOO_MUCH }];
        member(stage).commitAsync(offsets, (_, error) => resolve([error?.name]));
      }),
  },
  {
    what: "default_offset_commit_callback",
    theirs: [6],
    show: (stage) =>
      new Promise((resolve) => {
        const consumer = member(stage, { defaultOffsetCommitCallback: (offsets) => resolve(offsets.map(({ offset }) => offset)) });
        consumer.commitAsync([{ ...stage.p0, offset: 6 }]);
      }),
  },
  {
    what: "group_metadata",
    theirs: [true, "", -1],
    show: (stage) => {
      const groupId = stage.unique("group");
      const told = member(stage, { groupId }).groupMetadata();
      return [told.groupId === groupId, told.memberId, told.generationId];
    },
  },
];

const ending: readonly ConsumerExpectation[] = [
  {
    what: "auto-commit leaves out what the last poll handed out",
    theirs: 2,
    show: async (stage) => {
      const consumer = member(stage, { enableAutoCommit: true, autoCommitIntervalMs: 10 });
      for (let polls = 0; polls < 2; polls++) await consumer.poll({ timeoutMs: 10_000, maxRecords: 2 });
      for (;;) {
        const committed = await consumer.committed(stage.p0);
        if (committed !== null && committed.offset > 0) return committed.offset;
        await pause(20);
      }
    },
  },
  {
    what: "close commits what was handed out",
    theirs: 3,
    show: (stage) => committedAfterClose(stage),
  },
  {
    what: "close(autocommit=False)",
    theirs: null,
    show: (stage) => committedAfterClose(stage, { autocommit: false }),
  },
  {
    what: "close twice",
    theirs: null,
    show: async (stage) => {
      const consumer = member(stage);
      await consumer.close();
      return failureOf(() => consumer.close());
    },
  },
  {
    what: "poll after close",
    theirs: "IllegalStateError",
    ours: "ClosedError",
    why: CLOSED,
    show: async (stage) => {
      const consumer = member(stage);
      await consumer.close();
      return failureOf(() => consumer.poll());
    },
  },
  {
    what: "seek after close",
    theirs: null,
    ours: "ClosedError",
    why: CLOSED,
    show: async (stage) => {
      const consumer = member(stage);
      await consumer.close();
      return failureOf(() => consumer.seek(stage.p0, 0));
    },
  },
  {
    what: "assignment after close",
    theirs: [0],
    show: async (stage) => {
      const consumer = member(stage);
      await consumer.close();
      return numbersOf(consumer.assignment());
    },
  },
  {
    what: "metrics_enabled=False",
    theirs: null,
    ours: {},
    why: "no metrics, rather than nothing that could have some",
    show: async ({ of, p0 }) => {
      const consumer = of([p0], { metricsEnabled: false });
      await read(consumer, 1);
      return consumer.metrics();
    },
  },
];

async function committedAfterClose(
  stage: ConsumerExpectationStage,
  options: { readonly autocommit?: boolean } = {},
): Promise<unknown> {
  const groupId = stage.unique("group");
  const consumer = member(stage, { groupId, enableAutoCommit: true });
  await read(consumer, 3);
  await consumer.close(options);
  const committed = await member(stage, { groupId }).committed(stage.p0);
  return committed === null ? null : committed.offset;
}

export const commitExpectations: readonly ConsumerExpectation[] = [...committing, ...ending];
