// Members of a group that share the partitions of a topic, for the chapters about them.

import assert from "node:assert/strict";
import type { Consumer, ConsumerCloseOptions, ConsumerOptions, RebalanceListener, TopicPartition } from "../../../src/index.ts";
import type { Stage } from "./stage.ts";

export const PARTITIONS = 4;
/** So that nobody waits for long. */
export const QUICK = { heartbeatIntervalMs: 200, sessionTimeoutMs: 6_000 } as const;
export const POLL_MS = 50;
/** The broker has its own times. */
export const COORDINATED = { groupProtocol: "consumer", heartbeatIntervalMs: undefined, sessionTimeoutMs: undefined } as const;

export interface Group {
  readonly groupId: string;
  readonly topic: string;
}

export async function newGroup(stage: Stage): Promise<Group> {
  return { groupId: stage.uniqueName("group"), topic: await stage.topic({ numPartitions: PARTITIONS }) };
}

const byNumber = (one: number, other: number): number => one - other;

/** A member that polls until it is told to stop, and what it sees. */
export class Member {
  readonly consumer: Consumer;
  readonly told: string[] = [];
  readonly seen: string[] = [];
  #isReading = true;
  readonly #reading: Promise<void>;

  constructor(stage: Stage, { groupId, topic }: Group, options: Partial<ConsumerOptions> = {}) {
    this.consumer = stage.newConsumer({ groupId, ...QUICK, ...options });
    const note =
      (what: string) =>
      (partitions: readonly TopicPartition[]): void => {
        this.told.push(`${what} ${partitions.map(({ partition }) => partition).join(",")}`.trim());
      };
    const listener: RebalanceListener = {
      onPartitionsAssigned: note("assigned"),
      onPartitionsRevoked: note("revoked"),
      onPartitionsLost: note("lost"),
    };
    this.consumer.subscribe(topic, listener);
    this.#reading = this.#read(stage.signal);
  }

  get partitions(): readonly number[] {
    const partitions = this.consumer.assignment().map(({ partition }) => partition);
    return partitions.sort(byNumber);
  }

  /** So many were answered. */
  get heartbeats(): number {
    return this.consumer.metrics()["consumer-coordinator-metrics"]?.["heartbeat-total"] ?? 0;
  }

  async stop(): Promise<void> {
    this.#isReading = false;
    await this.#reading;
  }

  async close(how: ConsumerCloseOptions = {}): Promise<void> {
    await this.stop();
    await this.consumer.close(how);
  }

  async #read(signal: AbortSignal): Promise<void> {
    while (this.#isReading && !signal.aborted) {
      for (const { partition, offset } of await this.consumer.poll({ timeoutMs: POLL_MS }))
        this.seen.push(`${partition}/${offset}`);
    }
  }
}

/** Until all partitions are held, none of them twice, so many by each. */
export function untilShared(stage: Stage, members: readonly Member[], ...shares: readonly number[]): Promise<void> {
  return stage.eventually(async () => {
    const held = members.flatMap(({ partitions }) => partitions).sort(byNumber);
    assert.deepEqual(held, [0, 1, 2, 3]);
    assert.deepEqual(members.map(({ partitions }) => partitions.length).sort(byNumber), shares);
  });
}

export async function write(stage: Stage, { topic }: Group, count: number): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await stage.produce(
      topic,
      partition,
      Array.from({ length: count }, (_, index) => ({ value: `v${index}` })),
    );
  }
}

export function places(count: number): readonly string[] {
  return [0, 1, 2, 3].flatMap((partition) => Array.from({ length: count }, (_, offset) => `${partition}/${offset}`)).sort();
}
