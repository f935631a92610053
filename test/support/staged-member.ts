// A member of a group with a host that notes what it is told: on a held clock (MembersStage), or on a real one.

import type { Clock } from "../../src/client/async/clock.ts";
import { Deadline } from "../../src/client/async/deadline.ts";
import type { ClientCore } from "../../src/client/client-core.ts";
import type { Cluster } from "../../src/client/cluster/cluster.ts";
import type { AssignorName } from "../../src/client/config/consumer-options.ts";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";

const POLL_MS = 100;
const LEAVING_MS = 10_000;

export interface MemberOptions {
  readonly name: string;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly assignor?: AssignorName;
  readonly instanceId?: string;
  readonly heartbeatIntervalMs?: number;
}

/** Where it lives. */
export interface MemberGround {
  readonly clock: Clock;
  /** As the promise, time going on. */
  readonly when: <T>(promise: Promise<T>) => Promise<T>;
  readonly client: ClientCore;
  readonly cluster: Cluster;
}

/** What every member's host has. */
export abstract class StagedMember {
  /** What it was told, in order. */
  readonly told: string[] = [];
  /** Somebody reads. */
  isReading = true;
  /** How long the user takes with each callback. */
  callbackMs = 0;
  protected held: readonly TopicPartition[] = [];
  protected wanted: readonly string[];
  protected readonly ground: MemberGround;
  #telling: Promise<unknown> = Promise.resolve();

  protected constructor(ground: MemberGround, { topics }: MemberOptions) {
    this.ground = ground;
    this.wanted = topics;
  }

  get partitions(): readonly number[] {
    return this.held.map(({ partition }) => partition).sort((one, other) => one - other);
  }

  /** What it is about. */
  abstract readonly membership: {
    read(): void;
    leave(deadline: Deadline): Promise<void>;
    close(): void;
  };

  topics(): Iterable<string> {
    return this.wanted;
  }

  stopDelivering(): void {
    this.told.push("stop");
  }

  stoodStill(forMs: number): void {
    this.told.push(`stood still ${forMs}`);
  }

  lastReadMs(): number {
    return Number.NEGATIVE_INFINITY;
  }

  raise(error: Error): void {
    this.told.push(`error ${error.message.replace(/^.*: ([A-Z_]+) \(.*$/s, "$1")}`);
  }

  /** From now on. */
  keepReading(): void {
    if (!this.isReading) return;
    this.membership.read();
    this.ground.clock.schedule(POLL_MS, () => this.keepReading());
  }

  leave(): Promise<void> {
    this.isReading = false;
    return this.ground.when(this.membership.leave(new Deadline(this.ground.clock, LEAVING_MS)));
  }

  /** Without a word: the process is gone. */
  async die(): Promise<void> {
    this.isReading = false;
    this.membership.close();
    await this.ground.when(this.ground.client.close());
  }

  /** As the user's callbacks: one after the other, each taking its time. */
  protected tell<T>(tell: () => T): Promise<T> {
    const telling = this.#telling.then(() => this.#pause()).then(tell);
    this.#telling = telling;
    return telling;
  }

  /** Holds these from now on; what went, and what came. */
  protected holdInstead(partitions: readonly TopicPartition[]): { readonly gone: readonly TopicPartition[] } {
    const gone = this.held.filter((one) => !isIn(partitions, one));
    const come = partitions.filter((one) => !isIn(this.held, one));
    this.held = partitions;
    if (gone.length > 0) this.told.push(`revoked ${named(gone)}`);
    this.told.push(`assigned ${named(come)}`);
    return { gone };
  }

  #pause(): Promise<void> {
    if (this.callbackMs === 0) return Promise.resolve();
    return new Promise((resolve) => this.ground.clock.schedule(this.callbackMs, () => resolve()));
  }
}

function isIn(list: readonly TopicPartition[], { topic, partition }: TopicPartition): boolean {
  return list.some((other) => other.topic === topic && other.partition === partition);
}

export function named(partitions: readonly TopicPartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic === "orders" ? "" : topic}${partition}`).join(",");
}

/** What they hold together, in order: twice what two of them hold. */
export function allOf(...members: readonly StagedMember[]): readonly number[] {
  return members.flatMap(({ partitions }) => partitions).sort((one, other) => one - other);
}
