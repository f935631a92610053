// How members read: each way for a while.

import { CALLBACKS_MS, type Member, type MemberRecord, type Tenure } from "./member.ts";

/** Never rejects. */
export type MemberWay = (member: Member) => Promise<void>;

const STALL_CHANCE = 0.02;
const STALLS_MS = [300, 3000, 7000, 20_000];
/** All that work in a loop, or in functions of `run`, may take. */
const MOST_WORK_MS = 120_000;

export const poll: MemberWay = async (member) => {
  const { dice } = member;
  const timeoutMs = dice.pick([0, 20, 300, 1000]);
  member.comes();
  await member.client.call("poll", {}, { timeoutMs: timeoutMs + CALLBACKS_MS }, async (consumer) => {
    for (const record of await consumer.poll({ timeoutMs })) member.sees(record);
  });
  await toil(member);
  // Who commits positions says that all of it is processed.
  if (!member.isAutomatic || dice.chance(0.05)) await commit(member);
};

export const iterate: MemberWay = async (member) => {
  const { dice } = member;
  const timeoutMs = dice.pick([20, 500]);
  const most = dice.pick([1, 10, 100]);
  const iterator = member.consumer.iterate({ timeoutMs });
  await member.client.call("iterate", { most }, { timeoutMs: MOST_WORK_MS }, async () => {
    for (let count = 0; count < most && member.world.violations.length === 0; count++) {
      member.comes();
      const { done, value } = await iterator.next();
      member.isInLoop = true;
      if (done === true) return;
      member.sees(value);
      if (dice.chance(0.2)) await toil(member);
    }
    await iterator.return?.();
  });
  if (!member.isAutomatic) await commit(member);
};

export const batches: MemberWay = async (member) => {
  const { dice } = member;
  const timeoutMs = dice.pick([20, 500]);
  const most = dice.pick([1, 5, 20]);
  const iterator = member.consumer.batches({ timeoutMs });
  await member.client.call("batches", { most }, { timeoutMs: MOST_WORK_MS }, async () => {
    for (let count = 0; count < most; count++) {
      member.comes();
      const { done, value } = await iterator.next();
      member.isInLoop = true;
      if (done === true) return;
      const records: MemberRecord[] = [...value];
      for (const record of records) member.sees(record);
      if (dice.chance(0.3)) await toil(member);
    }
    await iterator.return?.();
  });
  if (!member.isAutomatic) await commit(member);
};

/** In functions, several partitions at a time. */
export const run: MemberWay = async (member) => {
  const { dice, world } = member;
  const lastsMs = dice.pick([200, 1500, 6000]);
  const mostMs = dice.pick([0, 0, 5, 100]);
  const concurrency = dice.pick([1, 2, 8]);
  const controller = new AbortController();
  const stop = world.clock.schedule(lastsMs, () => controller.abort());
  const process = async (tenures: readonly (readonly [Tenure, number])[]): Promise<void> => {
    if (mostMs > 0) await member.work(dice.integer(mostMs + 1));
    if (dice.chance(STALL_CHANCE / 4)) await member.stall(dice.pick(STALLS_MS));
    for (const [tenure, offset] of tenures) member.processed(tenure, offset);
  };
  const each = dice.chance(0.5)
    ? { eachRecord: (record: MemberRecord) => process([[member.sees(record), record.offset]]) }
    : {
        eachBatch: (batch: Iterable<MemberRecord>) => process(Array.from(batch, (record) => [member.sees(record), record.offset])),
      };
  member.comes();
  member.isInLoop = true;
  await member.client.call("run", { lastsMs, mostMs, concurrency }, { timeoutMs: MOST_WORK_MS }, (consumer) =>
    consumer.run({ ...each, concurrency, signal: controller.signal }),
  );
  stop.cancel();
  // What was handed out and not finished is handed out again.
  for (const tenure of member.tenures.values()) tenure.inHand.clear();
  if (!member.isAutomatic) await member.commit();
};

async function toil(member: Member): Promise<void> {
  const { dice } = member;
  if (dice.chance(STALL_CHANCE)) await member.stall(dice.pick(STALLS_MS));
  else if (dice.chance(0.3)) await member.work(dice.integer(dice.pick([5, 50, 500])));
}

async function commit(member: Member): Promise<void> {
  member.comes();
  if (member.dice.chance(0.3)) member.commitAsync();
  else await member.commit();
}
