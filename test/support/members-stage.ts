// Members of a group in a cluster in memory, each with a client of its own that notes what it is told.

import { onTestFinished } from "vitest";
import { ClientCore } from "../../src/client/client-core.ts";
import type { Cluster } from "../../src/client/cluster/cluster.ts";
import { resolveConsumerConfig } from "../../src/client/config/consumer-config.ts";
import type { AssignorName } from "../../src/client/config/consumer-options.ts";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

export const TOPIC = "orders";
export const OTHERS = "others";
export const GROUP = "readers";
const POLL_MS = 100;

export interface MemberOptions {
  readonly name: string;
  readonly assignor?: AssignorName;
  readonly topics?: readonly string[];
  readonly instanceId?: string;
}

export interface MemberConnection {
  readonly client: ClientCore;
  readonly cluster: Cluster;
}

export type OpenMember<M extends StagedMember> = (
  stage: MembersStage<M>,
  connection: MemberConnection,
  options: MemberOptions,
) => M;

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
  protected readonly stage: HeldStage;
  protected readonly connection: MemberConnection;
  #telling: Promise<unknown> = Promise.resolve();

  protected constructor(stage: HeldStage, connection: MemberConnection, { topics = [TOPIC] }: MemberOptions) {
    this.stage = stage;
    this.connection = connection;
    this.wanted = topics;
  }

  get partitions(): readonly number[] {
    return this.held.map(({ partition }) => partition).sort((one, other) => one - other);
  }

  protected abstract read(): void;
  protected abstract end(): void;

  topics(): Iterable<string> {
    return this.wanted;
  }

  stopDelivering(): void {
    this.told.push("stop");
  }

  raise(error: Error): void {
    this.told.push(`error ${error.message.replace(/^.*: ([A-Z_]+) \(.*$/s, "$1")}`);
  }

  /** From now on. */
  keepReading(): void {
    if (!this.isReading) return;
    this.read();
    this.stage.clock.schedule(POLL_MS, () => this.keepReading());
  }

  /** Without a word: the process is gone. */
  async die(): Promise<void> {
    this.isReading = false;
    this.end();
    await this.stage.when(this.connection.client.close());
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
    return new Promise((resolve) => this.stage.clock.schedule(this.callbackMs, () => resolve()));
  }
}

function isIn(list: readonly TopicPartition[], { topic, partition }: TopicPartition): boolean {
  return list.some((other) => other.topic === topic && other.partition === partition);
}

export function named(partitions: readonly TopicPartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic === TOPIC ? "" : topic}${partition}`).join(",");
}

/** What they hold together, in order: twice what two of them hold. */
export function allOf(...members: readonly StagedMember[]): readonly number[] {
  return members.flatMap(({ partitions }) => partitions).sort((one, other) => one - other);
}

export class MembersStage<M extends StagedMember> extends HeldStage {
  readonly members: M[] = [];
  readonly #open: OpenMember<M>;

  private constructor(held: HeldCluster, open: OpenMember<M>) {
    super(held);
    this.#open = open;
  }

  static async open<M extends StagedMember>(open: OpenMember<M>): Promise<MembersStage<M>> {
    const stage = new MembersStage<M>(await heldCluster({ topics: { [TOPIC]: 4, [OTHERS]: 2 } }), open);
    onTestFinished(() => stage.#close());
    return stage;
  }

  /** Joins, and reads from now on. */
  async member(options: MemberOptions): Promise<M> {
    const runtime = memoryRuntime(this.broker, { clock: this.clock });
    const config = resolveConsumerConfig({ bootstrapServers: this.broker.bootstrapServers, clientId: options.name });
    const client = new ClientCore("consumer", config, runtime);
    const cluster = await this.when(
      client.call("join", {}, async (context) => {
        await context.cluster.bootstrap(context.deadline);
        return context.cluster;
      }),
    );
    const member = this.#open(this, { client, cluster }, options);
    this.members.push(member);
    member.keepReading();
    return member;
  }

  /** How many partitions each member holds. */
  get shares(): readonly number[] {
    return this.members.map(({ partitions }) => partitions.length);
  }

  async #close(): Promise<void> {
    for (const member of this.members) await member.die();
    const wrong = await this.leftOver();
    if (wrong.length > 0) throw new Error(wrong.join("; "));
  }
}
