/** Three real nodes, and members that are processes of their own. */
import { setTimeout as pause } from "node:timers/promises";
import { type Runtime, systemRuntime } from "../../src/client/runtime.ts";
import { BLOWS, type Blow } from "../live/chaos/blows.ts";
import { CONTROLLER, leaderOf, NO_CONTROLLER } from "../live/chaos/targets.ts";
import type { Dice } from "../simulation/world/dice.ts";
import { KafkaCluster } from "../support/kafka/kafka-cluster.ts";
import type { EtlGround, RunningMember } from "./etl-ground.ts";
import type { EtlTiming, EtlTopic, MemberPlan } from "./etl-plan.ts";
import { MemberProcess } from "./member-process.ts";

const NODES = 3;
const BLOW_MS = 1500;
const STRUCK: readonly Blow[] = [BLOWS.kill, BLOWS.freeze, BLOWS.kill, BLOWS.terminate];

const TIMING: EtlTiming = {
  sessionTimeoutMs: 4000,
  heartbeatIntervalMs: 500,
  maxPollIntervalMs: 5000,
  transactionTimeoutMs: 5000,
};

/** Who is gone is missed soon, and what he has left open is aborted. */
const PROPERTIES = {
  "group.min.session.timeout.ms": "1000",
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.session.timeout.ms": String(TIMING.sessionTimeoutMs),
  "group.consumer.min.heartbeat.interval.ms": "500",
  "group.consumer.heartbeat.interval.ms": String(TIMING.heartbeatIntervalMs),
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
};

export class RealGround implements EtlGround {
  readonly timing: EtlTiming = TIMING;
  readonly replicationFactor: number = NODES;
  readonly patienceMs = 3000;
  readonly hopelessMs = 60_000;
  readonly runtime: Runtime = systemRuntime;
  readonly #cluster: KafkaCluster;
  #struck = 0;

  private constructor(cluster: KafkaCluster) {
    this.#cluster = cluster;
  }

  static async start(): Promise<RealGround> {
    return new RealGround(await KafkaCluster.start({ nodes: NODES, properties: PROPERTIES }));
  }

  get bootstrapServers(): string {
    return this.#cluster.bootstrapServers;
  }

  begin(plan: MemberPlan): RunningMember {
    return new MemberProcess(plan);
  }

  async strike(topics: readonly EtlTopic[], dice: Dice): Promise<string> {
    const blow = STRUCK[this.#struck++ % STRUCK.length] ?? BLOWS.kill;
    const target = dice.pick([leaderOf(topics.map(({ name }) => name)), CONTROLLER, NO_CONTROLLER]);
    const node = await target.choose(this.#cluster, dice);
    await blow.strike(node);
    await pause(BLOW_MS);
    await blow.undo(node);
    await this.#cluster.awaitReady();
    return `node ${node.id}${target.title === undefined ? "" : `, ${target.title},`} was ${blow.name}`;
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }
}
