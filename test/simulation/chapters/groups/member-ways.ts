// How members read: each way for a while.

import type { TopicPartition } from "../../../../src/client/index.ts";
import { CALLBACKS_MS, type Member, type MemberRecord } from "./member.ts";
import type { Tenure } from "./tenure.ts";
import { UsersFailure } from "./users-failure.ts";

/** Never rejects. */
export type MemberWay = (member: Member) => Promise<void>;

/** Of who is to: at this record, not the next one. */
const STRAY_CHANCE = 0.15;
const STALL_CHANCE = 0.02;
/** Longer than a session, and longer than anybody may stay away. */
const STALLS_MS = [300, 3000, 7000, 20_000, 40_000];
/** The event loop is free meanwhile, and nobody reads: longer than anybody may stay away. */
const LONG_WORK_CHANCE = 0.01;
const LONG_WORK_MS = [9000, 16_000, 31_000];
/** All that work in a loop, or in functions of `run`, may take. */
const MOST_WORK_MS = 300_000;

export const poll: MemberWay = async (member) => {
  const { dice } = member;
  const timeoutMs = dice.pick([0, 20, 300, 1000]);
  member.comes();
  await member.reads("poll", {}, timeoutMs + CALLBACKS_MS, async (consumer) => {
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
  await member.reads("iterate", { most }, MOST_WORK_MS, async () => {
    for (let count = 0; count < most && member.world.violations.length === 0; count++) {
      member.comes();
      const { done, value } = await iterator.next();
      member.isInLoop = true;
      if (done === true) return;
      member.sees(value);
      if (dice.chance(STRAY_CHANCE)) await member.strays();
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
  await member.reads("batches", { most }, MOST_WORK_MS, async () => {
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

/** In functions, several partitions at a time, or several keys, some of which fail. */
export const run: MemberWay = async (member) => {
  const { dice, world } = member;
  const lastsMs = dice.pick([200, 1500, 6000]);
  const concurrency = dice.pick([1, 2, 8]);
  const kind = dice.pick(["record", "record", "batch", "key"] as const);
  const work = functionsWork(member);
  const controller = new AbortController();
  const stop = world.clock.schedule(lastsMs, () => controller.abort());
  const each =
    kind === "batch"
      ? { eachBatch: (batch: Iterable<MemberRecord>) => work([...batch], false) }
      : { eachRecord: (record: MemberRecord) => work([record], kind === "key") };
  const orderBy = kind === "key" ? "key" : "partition";
  member.comes();
  member.isInLoop = true;
  const isFine = await member.reads("run", { lastsMs, kind, concurrency }, MOST_WORK_MS, (consumer) =>
    consumer.run({ ...each, concurrency, orderBy, signal: controller.signal }),
  );
  stop.cancel();
  if (isFine && work.hasFailed()) world.violate(HEARD, `${member.client.clientId}: run() has ended as if nothing had failed`);
  for (const tenure of member.tenures.values()) tenure.runEnded();
  if (!member.isAutomatic) await member.commit();
};

const HEARD = "what a function of run() throws is what run() rejects with";

interface FunctionsWork {
  (records: readonly MemberRecord[], isByKey: boolean): Promise<void>;
  /** Whether one of them has thrown. */
  readonly hasFailed: () => boolean;
}

/** What functions do with what they are given. */
function functionsWork(member: Member): FunctionsWork {
  const { dice, world } = member;
  const mostMs = dice.pick([0, 0, 5, 100]);
  const failureChance = dice.pick([0, 0, 0.02]);
  let hasFailed = false;
  const work = async (records: readonly MemberRecord[], isByKey: boolean): Promise<void> => {
    const given = records.map((record): readonly [Tenure, number] => [member.sees(record, isByKey), record.offset]);
    if (mostMs > 0) await member.work(dice.integer(mostMs + 1));
    if (dice.chance(STRAY_CHANCE)) await member.strays();
    if (dice.chance(STALL_CHANCE / 4)) await member.stall(dice.pick(STALLS_MS));
    if (world.isStormy && dice.chance(LONG_WORK_CHANCE / 4)) await member.work(dice.pick(LONG_WORK_MS));
    if (!member.isAutomatic && dice.chance(0.05)) await member.commit();
    const [first] = given;
    if (first !== undefined && world.isStormy && dice.chance(failureChance)) {
      hasFailed = true;
      const [tenure, offset] = first;
      tenure.backTo(offset);
      throw new UsersFailure(`what a function has thrown at ${tenure.place.name} ${offset}`);
    }
    for (const [tenure, offset] of given) member.processed(tenure, offset);
  };
  return Object.assign(work, { hasFailed: () => hasFailed });
}

/** Into another topic, in one transaction with where the group goes on. What is not committed is read again. */
export const copy: MemberWay = async (member) => {
  const { dice, copier } = member;
  // What it has read is not processed before the transaction is committed, whoever closes it.
  member.isInLoop = true;
  if (copier === undefined || !(await copier.isReady())) return;
  const timeoutMs = dice.pick([20, 300, 1000]);
  const records: MemberRecord[] = [];
  const tenures = new Map<Tenure, number>();
  await member.reads("poll", {}, timeoutMs + CALLBACKS_MS, async (consumer) => {
    for (const record of await consumer.poll({ timeoutMs })) {
      const tenure = member.sees(record);
      records.push(record);
      if (!tenures.has(tenure)) tenures.set(tenure, record.offset);
    }
  });
  if (records.length === 0) return;
  const end = await copier.copy(records, () => toil(member));
  member.note(`has ${end} the copies of ${records.length} records`);
  if (end === "committed") for (const [tenure] of tenures) tenure.inHand.clear();
  else if (end === "aborted") goBack(member, tenures);
  else member.isUseless = true;
};

/** To the first of what it has got, of each partition that it still has: of others somebody else begins there. */
function goBack(member: Member, tenures: ReadonlyMap<Tenure, number>): void {
  for (const [tenure, first] of tenures) {
    if (tenure.isGoing || member.tenures.get(tenure.place.name) !== tenure) continue;
    const { topic, partition }: TopicPartition = tenure.place;
    try {
      member.consumer.seek({ topic, partition }, first);
      tenure.backTo(first);
    } catch {
      // It is lost, and the user has not been told yet.
    }
  }
}

async function toil(member: Member): Promise<void> {
  const { dice, world } = member;
  if (dice.chance(STALL_CHANCE)) await member.stall(dice.pick(STALLS_MS));
  else if (world.isStormy && dice.chance(LONG_WORK_CHANCE)) await member.work(dice.pick(LONG_WORK_MS));
  else if (dice.chance(0.3)) await member.work(dice.integer(dice.pick([5, 50, 500])));
}

async function commit(member: Member): Promise<void> {
  member.comes();
  if (member.dice.chance(0.3)) member.commitAsync();
  else await member.commit();
}
