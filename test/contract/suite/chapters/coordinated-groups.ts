// Groups whose coordinator assigns (KIP-848): when it does, by what, and to whom its patterns lead.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Consumer, type ConsumerOptions, SubscriptionPattern } from "../../../../src/index.ts";
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, Draft } from "../../../../src/protocol/index.ts";
import { FROM_SOURCES, ThreadNotes, threadModule } from "../../../support/thread-notes.ts";
import { type Chapter, chapter } from "../contract.ts";
import type { Stage } from "../stage.ts";

const needs = "groups whose coordinator assigns";
const POLL_MS = 50;
const PARTITIONS = 4;
/** Kafka's `group.consumer.assignment.interval.ms`, less what may pass unnoticed. */
const SURELY_WITHIN_MS = 800;
const JOIN_EPOCH = 0;
const LEAVE_EPOCH = -1;

/** One request of a member, over a bare connection. */
class BareMember {
  readonly #stage: Stage;
  readonly #groupId: string;
  readonly #memberId: string = randomUUID();

  constructor(stage: Stage, groupId: string) {
    this.#stage = stage;
    this.#groupId = groupId;
  }

  async join(topic: string): Promise<ConsumerGroupHeartbeatResponse> {
    const all = { rebalanceTimeoutMs: 60_000, subscribedTopicNames: [topic], topicPartitions: [] };
    return this.beat(JOIN_EPOCH, all);
  }

  async leave(): Promise<void> {
    await this.beat(LEAVE_EPOCH);
  }

  async beat(memberEpoch: number, more: Draft<ConsumerGroupHeartbeatRequest> = {}): Promise<ConsumerGroupHeartbeatResponse> {
    const ids = { groupId: this.#groupId, memberId: this.#memberId, memberEpoch };
    const answer = await this.#stage.ask("ConsumerGroupHeartbeat", 1, { ...ids, ...more });
    assert.equal(answer.errorCode, 0, answer.errorMessage ?? "");
    return answer;
  }
}

/** A name for a group that has a coordinator: brokers see to that only when they are asked who it is. */
async function coordinatedGroup(stage: Stage): Promise<string> {
  const groupId = stage.uniqueName("group");
  await stage.eventually(async () => {
    const { coordinators } = await stage.ask("FindCoordinator", 4, { keyType: 0, coordinatorKeys: [groupId] });
    assert.equal(coordinators[0]?.errorCode, 0);
  });
  return groupId;
}

/** How many partitions an answer brings; undefined for no news. */
function brought({ assignment }: ConsumerGroupHeartbeatResponse): number | undefined {
  return assignment?.topicPartitions.flatMap(({ partitions }) => partitions).length;
}

function open(stage: Stage, groupId: string, options: Partial<ConsumerOptions> = {}): Consumer {
  return stage.newConsumer({ groupId, groupProtocol: "consumer", ...options });
}

/** Until they hold so many each; all of them read meanwhile. */
function untilHeld(stage: Stage, consumers: readonly Consumer[], ...shares: readonly number[]): Promise<void> {
  return stage.eventually(async () => {
    await Promise.all(consumers.map((consumer) => consumer.poll({ timeoutMs: POLL_MS })));
    const held = consumers.map((consumer) => consumer.assignment().length);
    assert.deepEqual(
      held.sort((one, other) => one - other),
      shares,
    );
  });
}

export const coordinatedGroups: Chapter = chapter("Groups whose coordinator assigns", ({ contract }) => {
  contract(
    "who joins less than a second after the last assignment gets nothing yet, if nobody else is there: its next heartbeat brings all",
    async (stage) => {
      const topic = await stage.topic({ numPartitions: PARTITIONS });
      const [two, answer] = await stage.eventually(async () => {
        const groupId = await coordinatedGroup(stage);
        const one = new BareMember(stage, groupId);
        const sinceMs = performance.now();
        const first = await one.join(topic);
        assert.equal(brought(first), PARTITIONS);
        await one.leave();
        const next = new BareMember(stage, groupId);
        const joined = await next.join(topic);
        assert.ok(performance.now() - sinceMs < SURELY_WITHIN_MS, "this took too long to be tested");
        assert.deepEqual([brought(joined), joined.heartbeatIntervalMs], [0, first.heartbeatIntervalMs]);
        return [next, joined] as const;
      });
      let epoch = answer.memberEpoch;
      await stage.eventually(async () => {
        const later = await two.beat(epoch);
        epoch = later.memberEpoch;
        assert.equal(brought(later), PARTITIONS);
      });
      await two.leave();
      // Once the second is over, whoever joins has everything at once.
      const groupId = await coordinatedGroup(stage);
      const three = new BareMember(stage, groupId);
      await three.join(topic);
      await three.leave();
      await stage.eventually(async () => {
        const four = new BareMember(stage, groupId);
        const joined = await four.join(topic);
        if (brought(joined) !== PARTITIONS) await four.leave();
        assert.equal(brought(joined), PARTITIONS);
      });
    },
    { needs },
  );

  for (const { assignor, shares } of [
    { assignor: "uniform", shares: [3, 3] },
    { assignor: "range", shares: [2, 4] },
  ] as const) {
    contract(
      `members get what the coordinator's assignor '${assignor}' gives them`,
      async (stage) => {
        const topics = [await stage.topic({ numPartitions: 3 }), await stage.topic({ numPartitions: 3 })];
        const groupId = stage.uniqueName("group");
        const members = [0, 1].map(() => open(stage, groupId, { groupRemoteAssignor: assignor }));
        for (const member of members) member.subscribe(topics);
        await untilHeld(stage, members, ...shares);
      },
      { needs },
    );
  }

  contract(
    "an assignor that the coordinator does not have is told",
    async (stage) => {
      const consumer = open(stage, stage.uniqueName("group"), { groupRemoteAssignor: "nonsense" });
      consumer.subscribe(await stage.topic());
      await assert.rejects(consumer.poll({ timeoutMs: 30_000 }), { code: "UNSUPPORTED_ASSIGNOR" });
    },
    { needs },
  );

  contract(
    "the coordinator matches a pattern over whole names, also when topics come and go",
    async (stage) => {
      const prefix = stage.uniqueName("many");
      const create = (name: string, numPartitions: number): Promise<unknown> =>
        stage.admin.createTopics([{ name: `${prefix}-${name}`, numPartitions, replicationFactor: 1 }]);
      await create("a", 1);
      await create("a-not-this", 1);
      await create("b", 2);
      const consumer = open(stage, stage.uniqueName("group"));
      consumer.subscribe(new SubscriptionPattern(`${prefix}-[a-z]`));
      await untilHeld(stage, [consumer], 3);
      assert.deepEqual([...consumer.subscription()].sort(), [`${prefix}-a`, `${prefix}-b`]);
      await create("c", 3);
      await stage.admin.deleteTopics([`${prefix}-b`]);
      await untilHeld(stage, [consumer], 4);
      await stage.produce(`${prefix}-c`, 1, [{ value: "late" }]);
      await stage.eventually(async () => {
        const [record] = [...(await consumer.poll({ timeoutMs: POLL_MS }))];
        assert.deepEqual([record?.topic, record?.partition], [`${prefix}-c`, 1]);
      });
    },
    { needs },
  );

  contract(
    "a pattern that is no regular expression of RE2/J is told, and another one takes its place",
    async (stage) => {
      const topic = await stage.topic();
      const consumer = open(stage, stage.uniqueName("group"));
      consumer.subscribe(new SubscriptionPattern("(?=look-ahead)"));
      await assert.rejects(consumer.poll({ timeoutMs: 30_000 }), {
        name: "InvalidRegularExpressionError",
        code: "INVALID_REGULAR_EXPRESSION",
        pattern: "(?=look-ahead)",
      });
      consumer.subscribe(new SubscriptionPattern(topic));
      await untilHeld(stage, [consumer], 1);
    },
    { needs },
  );

  contract(
    "threads of a run are members each, and together they process every record once",
    async (stage) => {
      const topic = await stage.topic({ numPartitions: PARTITIONS });
      const notes = stage.keep(new ThreadNotes());
      const stop = new AbortController();
      const groupId = stage.uniqueName("group");
      const consumer = open(stage, groupId);
      consumer.subscribe(topic);
      const data = { channel: notes.name };
      const how = { module: threadModule("noting"), threads: 2, data, signal: stop.signal, workerOptions: FROM_SOURCES };
      const running = consumer.run(how);
      running.catch(() => undefined); // It is awaited below.
      await stage.eventually(async () => {
        const shares = (await consumer.threads()).map(({ assignment }) => assignment.length);
        assert.deepEqual(shares, [2, 2]);
      });
      for (let partition = 0; partition < PARTITIONS; partition++) await stage.produce(topic, partition, [{ value: "a" }]);
      await notes.until(() => notes.places.length >= PARTITIONS);
      stop.abort();
      await running;
      assert.deepEqual(
        notes.places,
        [0, 1, 2, 3].map((partition) => `${topic}-${partition}/0`),
      );
      assert.equal(new Set(notes.all.flatMap(({ threadId }) => threadId ?? [])).size, 2);
      const places = [0, 1, 2, 3].map((partition) => ({ topic, partition }));
      const committed = await stage.newConsumer({ groupId }).committed(places);
      assert.deepEqual(
        committed.map((one) => one?.offset),
        [1, 1, 1, 1],
      );
    },
    { needs },
  );
});
