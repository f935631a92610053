// Everything at once, by a seed: leaders move, nodes stop, connections break, answers are late, lost or errors, and the reader pauses,
// goes back, and takes what he likes. What he is given of each partition is its log, each record once and in order.

import { expect, it } from "vitest";
import { type Random, seededRandom } from "../../src/broker/random.ts";
import type { ErrorName } from "../../src/protocol/index.ts";
import { outcomes, P0, P1 } from "../support/consumer-outcomes.ts";
import { type ConsumerStage, consumerStage } from "../support/consumer-stage.ts";

const NODES = 3;
const ROUNDS = 40;
const PASSING: readonly ErrorName[] = [
  "NOT_LEADER_OR_FOLLOWER",
  "FENCED_LEADER_EPOCH",
  "OFFSET_NOT_AVAILABLE",
  "KAFKA_STORAGE_ERROR",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "UNKNOWN_SERVER_ERROR",
];
const SESSION: readonly ErrorName[] = ["FETCH_SESSION_ID_NOT_FOUND", "INVALID_FETCH_SESSION_EPOCH", "FETCH_SESSION_TOPIC_ID_ERROR"];

type Trouble = (stage: ConsumerStage, pick: (below: number) => number) => unknown;
const mine = { api: "Fetch", clientId: "test" } as const;

const TROUBLES: readonly Trouble[] = [
  ({ broker }, pick) => broker.faults.disconnect({ ...mine, afterApply: pick(2) === 0, reset: pick(2) === 0 }),
  ({ broker }) => broker.faults.neverAnswer(mine),
  ({ broker }, pick) => broker.faults.delay({ ...mine, delayMs: pick(1500), afterApply: true }),
  ({ broker }, pick) => broker.faults.partialFrame({ ...mine, bytes: pick(60) }),
  ({ broker }) => broker.faults.wrongCorrelationId(mine),
  ({ broker }, pick) => broker.faults.failNext({ ...mine, ...P0, error: PASSING[pick(PASSING.length)]!, times: 1 + pick(3) }),
  ({ broker }, pick) => broker.faults.failNext({ ...mine, error: SESSION[pick(SESSION.length)]! }),
  ({ broker }, pick) =>
    broker.faults.disconnect({ clientId: "test", api: ["Metadata", "OffsetForLeaderEpoch"][pick(2)] as "Metadata" }),
  ({ broker }, pick) => broker.faults.corruptRecords({ ...mine, damage: (records) => records.slice(0, pick(records.length)) }),
  ({ broker }) => broker.disconnectAll(),
  ({ broker }, pick) => broker.moveLeader(pick(2) === 0 ? P0 : P1, 1 + pick(NODES)),
  ({ broker }, pick) => broker.faults.throttle({ ...mine, throttleMs: pick(800) }),
];

/** Values are their offsets: a batch of some records in each partition. */
async function writeMore(stage: ConsumerStage, next: [number, number], pick: (below: number) => number): Promise<void> {
  for (const partition of [0, 1] as const) {
    const values = Array.from({ length: 1 + pick(4) }, () => String(next[partition]++));
    await stage.write(values, { partition });
  }
}

it.each([1, 2, 3, 4, 5, 6])("seed %i", async (seed) => {
  const random: Random = seededRandom(seed);
  const pick = (below: number): number => Math.floor(random.next() * below);
  const options = { requestTimeoutMs: 2000, maxPartitionFetchBytes: 300, metadataMaxAgeMs: 4000 };
  const stage = await consumerStage(options, {
    seed,
    nodes: NODES,
    topics: { orders: { partitions: 2, replicationFactor: NODES } },
  });
  stage.consumer.assign([P0, P1]);
  const written: [number, number] = [0, 0];
  const given: [number[], number[]] = [[], []];
  const take = (told: readonly string[]): void => {
    for (const one of told) {
      const partition = one.startsWith("0/") ? 0 : 1;
      const [offset, value] = one.slice(2).split(" ");
      expect(one).toMatch(/^[01]\//);
      expect(offset).toBe(value);
      given[partition].push(Number(offset));
    }
  };
  for (let round = 0; round < ROUNDS; round++) {
    await writeMore(stage, written, pick);
    for (let trouble = pick(3); trouble > 0; trouble--) TROUBLES[pick(TROUBLES.length)]!(stage, pick);
    if (pick(4) === 0) stage.consumer.pause(P1);
    take(await outcomes(stage, 1 + pick(8), { timeoutMs: pick(1500) }));
    stage.consumer.resume(P1);
    if (pick(5) === 0) {
      const back = pick((await stage.consumer.position(P0).catch(() => 0)) + 1);
      stage.consumer.seek(P0, back);
      given[0].length = back;
    }
  }
  stage.broker.faults.clear();
  take(await outcomes(stage, 10_000, { timeoutMs: 20_000 }));
  expect(given[0]).toEqual(Array.from({ length: written[0] }, (_, offset) => offset));
  expect(given[1]).toEqual(Array.from({ length: written[1] }, (_, offset) => offset));
  expect(stage.warnings.filter((code) => code !== "FETCH_FAILED" && code !== "CONSUMER_STALLED")).toEqual([]);
});
