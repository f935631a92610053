// Every way to read as a member of a group, and two ways to do it wrong.

import type { ConsumerRecord } from "../../../../src/index.ts";
import type { ChaosMember } from "./chaos-member.ts";
import type { WayName } from "./member-spec.ts";

/** Until the member is closing, or there has been nothing to read for a while. */
type Way = (member: ChaosMember) => Promise<void>;

const IDLE_MS = 500;
const CONCURRENCY = 3;
/** So seldom a leaping member leaps. */
const LEAP_EVERY = 50;

export const WAYS: Readonly<Record<WayName, Way>> = {
  poll: async (member) => {
    const records = [...(await member.consumer.poll({ timeoutMs: IDLE_MS }))];
    member.handed(records);
    for (const record of records) {
      await member.work();
      member.done(record, record.offset);
    }
    await member.afterwards();
  },

  iterate: async (member) => {
    for await (const record of member.consumer.iterate({ timeoutMs: IDLE_MS })) {
      await eachRecord(member, record);
      if (member.isClosing) return;
    }
  },

  batches: async (member) => {
    for await (const batch of member.consumer.batches({ timeoutMs: IDLE_MS })) {
      member.handed(batch);
      await member.work();
      member.done(batch, batch.firstOffset, batch.lastOffset);
      // What it was handed before is committed by that, too.
      if (member.spec.commits !== "automatic")
        await member.committing([{ ...placeOf(batch), offset: batch.lastOffset + 1 }], () => batch.commit());
      if (member.isClosing) return;
    }
  },

  run: (member) =>
    member.consumer.run({ concurrency: CONCURRENCY, signal: member.signal, eachRecord: (one) => eachRecord(member, one) }),

  "run-batches": (member) =>
    member.consumer.run({
      concurrency: CONCURRENCY,
      signal: member.signal,
      eachBatch: async (batch) => {
        member.handed(batch);
        await member.work();
        member.done(batch, batch.firstOffset, batch.lastOffset);
        await member.afterwards();
      },
    }),

  "run-by-key": (member) =>
    member.consumer.run({
      concurrency: CONCURRENCY,
      orderBy: "key",
      signal: member.signal,
      eachRecord: (record) => eachRecord(member, record),
    }),

  // Wrong: what it was handed is committed before it is processed.
  careless: async (member) => {
    const records = [...(await member.consumer.poll({ timeoutMs: IDLE_MS }))];
    member.handed(records);
    await member.committing([], () => member.consumer.commit());
    for (const record of records) {
      await member.work();
      member.done(record, record.offset);
    }
  },

  // Wrong: leaves out a record now and then.
  leaping: async (member) => {
    for await (const record of member.consumer.iterate({ timeoutMs: IDLE_MS })) {
      await eachRecord(member, record);
      const target = record.offset + 2;
      const isOwn = member.consumer
        .assignment()
        .some(({ topic, partition }) => topic === record.topic && partition === record.partition);
      if (isOwn && record.offset % LEAP_EVERY === 0 && target < (member.consumer.highwater(placeOf(record)) ?? 0))
        member.consumer.seek(placeOf(record), target);
      if (member.isClosing) return;
    }
  },
};

/** Without a promise where nothing has to be waited for. */
function eachRecord(member: ChaosMember, record: ConsumerRecord): Promise<void> | undefined {
  member.handed([record]);
  const working = member.work();
  if (working !== undefined) return working.then(() => finish(member, record));
  return finish(member, record);
}

function finish(member: ChaosMember, record: ConsumerRecord): Promise<void> | undefined {
  member.done(record, record.offset);
  return member.afterwards();
}

function placeOf({ topic, partition }: { readonly topic: string; readonly partition: number }): {
  topic: string;
  partition: number;
} {
  return { topic, partition };
}
