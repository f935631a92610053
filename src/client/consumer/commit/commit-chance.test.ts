import { describe, expect, it } from "vitest";
import { type CommitStage, codeOf, commitStage, offset } from "../../../../test/support/commit-stage.ts";
import { seededRandom } from "../../../broker/random.ts";
import { type ErrorName, errorByName, type OffsetCommitRequest } from "../../../protocol/index.ts";

const COMMITS = 60;
const PARTITIONS = 3;
const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);

/** What has been stored, by partition, in that order, whatever was said of it. */
type Applied = readonly number[][];

interface Refusal {
  readonly code: ErrorName;
  readonly isStored: boolean;
}

/** Notes what is stored, and answers as `refusalOf` says. */
function watch(stage: CommitStage, refusalOf: (partition: number) => Refusal | undefined): Applied {
  const applied: number[][] = Array.from({ length: PARTITIONS }, () => []);
  stage.broker.faults.on("OffsetCommit", async (body, asked) => {
    const { topics } = body as unknown as OffsetCommitRequest;
    const refusals = new Map(topics[0]!.partitions.map(({ partitionIndex }) => [partitionIndex, refusalOf(partitionIndex)]));
    const isKept = [...refusals.values()].some((refusal) => refusal?.isStored === false);
    // All or nothing: a request cannot be carried out in part.
    if (!isKept) {
      await asked.next();
      for (const { partitionIndex, committedOffset } of topics[0]!.partitions) applied[partitionIndex]!.push(committedOffset);
    }
    return {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => {
          const code = refusals.get(partitionIndex)?.code ?? (isKept ? "COORDINATOR_LOAD_IN_PROGRESS" : "NONE");
          return { partitionIndex, errorCode: errorByName(code).code };
        }),
      })),
    };
  });
  return applied;
}

function refusalBy(chance: number): Refusal | undefined {
  if (chance < 0.1) return { code: "COORDINATOR_LOAD_IN_PROGRESS", isStored: false };
  if (chance < 0.2) return { code: "UNKNOWN_TOPIC_OR_PARTITION", isStored: false };
  if (chance < 0.3) return { code: "OFFSET_METADATA_TOO_LARGE", isStored: false };
  if (chance < 0.4) return { code: "REQUEST_TIMED_OUT", isStored: true };
  if (chance < 0.45) return { code: "UNKNOWN_SERVER_ERROR", isStored: true };
  return undefined;
}

function misfortune({ broker }: CommitStage, chance: number): void {
  const api = "OffsetCommit";
  if (chance < 0.1) broker.faults.disconnect({ api, afterApply: true });
  else if (chance < 0.2) broker.faults.disconnect({ api });
  else if (chance < 0.3) broker.faults.delay({ api, delayMs: 400, afterApply: chance < 0.25 });
}

describe("commits under random faults", () => {
  it.each(SEEDS)("seed %i: no older offset after a newer one, and what is said to be stored is", async (seed) => {
    const stage = await commitStage();
    const random = seededRandom(seed);
    const applied = watch(stage, () => refusalBy(random.next()));
    /** By partition, the highest offset that somebody was told is stored. */
    const stored = new Map<number, number>();
    const order: number[] = [];
    let open = 0;
    for (let next = 1; next <= COMMITS; next++) {
      misfortune(stage, random.next());
      const partition = Math.floor(random.next() * PARTITIONS);
      const all = [offset(partition, next), ...(random.next() < 0.3 ? [offset((partition + 1) % PARTITIONS, next)] : [])];
      const done = (error: unknown): void => {
        open--;
        if (error !== undefined) return;
        for (const one of all) stored.set(one.partition, Math.max(stored.get(one.partition) ?? 0, one.offset));
      };
      open++;
      if (random.next() < 0.4) {
        stage.commits.commitAsync(all, (_offsets, error) => {
          order.push(next);
          done(error);
        });
      } else stage.commits.commit(all, { timeoutMs: 5000 }).then(() => done(undefined), done);
      if (random.next() < 0.7) await stage.clock.advance(Math.floor(random.next() * 300));
    }
    await stage.clock.runUntil(() => open === 0);
    stage.broker.faults.clear();
    for (const [partition, offsets] of applied.entries()) {
      expect(offsets, `partition ${partition}`).toEqual(offsets.toSorted((one, other) => one - other));
      expect((await stage.committed(partition)) ?? 0).toBeGreaterThanOrEqual(stored.get(partition) ?? 0);
    }
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    expect(stored.size).toBeGreaterThan(0);
    await expect(stage.when(stage.commits.commit([offset(0, COMMITS + 1)])).catch(codeOf)).resolves.toBeUndefined();
  });
});
