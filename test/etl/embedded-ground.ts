/** In one process: an embedded cluster in memory, on a clock that is held. The same seed lives the same run. */
import { EmbeddedBroker, HeldClock } from "../../src/broker/index.ts";
import type { Runtime } from "../../src/client/runtime.ts";
import { ClientFootprint } from "../simulation/world/client-footprint.ts";
import type { Dice } from "../simulation/world/dice.ts";
import { memoryRuntime } from "../support/client-runtime.ts";
import type { EtlGround, RunningMember } from "./etl-ground.ts";
import { EtlMember } from "./etl-member.ts";
import type { EtlTiming, EtlTopic, MemberPlan, MemberReport } from "./etl-plan.ts";

const NODES = 3;
const MOST_DOWN_MS = 4000;
const MARKER_MS = 5;
const LATENCY_MS = [1, 4] as const;
/** In held time, which costs nothing. */
const LONGEST_MS = 24 * 3_600_000;

const CONFIGS = {
  "group.initial.rebalance.delay.ms": "0",
  "offsets.topic.num.partitions": "5",
  "group.consumer.session.timeout.ms": "45000",
  "group.consumer.heartbeat.interval.ms": "3000",
};

export class EmbeddedGround implements EtlGround {
  readonly timing: EtlTiming = {
    sessionTimeoutMs: 10_000,
    heartbeatIntervalMs: 1000,
    maxPollIntervalMs: 12_000,
    transactionTimeoutMs: 15_000,
  };
  readonly replicationFactor: number = NODES;
  readonly patienceMs = 5000;
  readonly hopelessMs = 300_000;
  readonly runtime: Runtime;
  readonly broker: EmbeddedBroker;
  readonly #clock: HeldClock;
  #seed: number;

  private constructor(broker: EmbeddedBroker, clock: HeldClock, seed: number) {
    this.broker = broker;
    this.#clock = clock;
    this.#seed = seed;
    this.runtime = memoryRuntime(broker, { clock, random: seed });
  }

  static async start(seed: number): Promise<EmbeddedGround> {
    const clock = new HeldClock();
    const journal = { maxEntries: 1000, maxBytes: 1_000_000 };
    const broker = await EmbeddedBroker.start({ nodes: NODES, transport: "memory", clock, seed, journal, configs: CONFIGS });
    // As with a real one, a transaction is decided before its partitions and offsets know of it.
    broker.transactionMarkerDelayMs = MARKER_MS;
    broker.network.weather = { latencyMs: LATENCY_MS, splitChance: 0, cutChance: 0 };
    return new EmbeddedGround(broker, clock, seed);
  }

  get bootstrapServers(): string {
    return this.broker.bootstrapServers;
  }

  /** As the promise; time goes on as far as it needs. */
  async when<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    if (!(await this.#clock.runUntil(() => isSettled, LONGEST_MS))) throw new Error("nothing is due any more, and it is not over");
    return promise;
  }

  begin(plan: MemberPlan): RunningMember {
    return new MemberInMemory(this.broker, this.#clock, plan, ++this.#seed);
  }

  async strike(topics: readonly EtlTopic[], dice: Dice): Promise<string> {
    const { broker } = this;
    const node = dice.pick(broker.nodes).id;
    const topic = dice.pick(topics);
    const group = dice.pick(topics.slice(1)).name;
    switch (dice.integer(4)) {
      case 0:
        broker.moveCoordinator("group", group, node);
        return `node ${node} coordinates ${group}`;
      case 1:
        broker.disconnectAll(node);
        return `all connections to node ${node} break`;
      case 2: {
        const place = { topic: topic.name, partition: dice.integer(topic.partitions) };
        if (broker.leaderOf(place) !== node) broker.moveLeader(place, node);
        return `node ${node} leads ${place.topic}-${place.partition}`;
      }
      default:
        await broker.stopNode(node);
        await this.#pause(dice.integer(MOST_DOWN_MS));
        await broker.startNode(node);
        return `node ${node} was down`;
    }
  }

  /** What is wrong with the cluster after a run. */
  async close(): Promise<readonly string[]> {
    const { failures, journal } = this.broker;
    await this.broker.close();
    await this.#clock.advance(1000);
    const timers = this.#clock.pendingTimers;
    return [
      ...failures.map(String),
      ...journal.hotLoops.map(({ api, count }) => `a hot loop: ${count} × ${api}`),
      ...(timers === 0 ? [] : [`${timers} timers are left`]),
    ];
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.schedule(ms, resolve));
  }
}

class MemberInMemory implements RunningMember {
  readonly plan: MemberPlan;
  readonly #broker: EmbeddedBroker;
  readonly #clock: HeldClock;
  readonly #member: EtlMember;
  readonly #footprint: ClientFootprint;
  #frozenUntilMs = 0;

  constructor(broker: EmbeddedBroker, clock: HeldClock, plan: MemberPlan, seed: number) {
    this.plan = plan;
    this.#broker = broker;
    this.#clock = clock;
    this.#footprint = new ClientFootprint(memoryRuntime(broker, { clock, random: seed }), {
      onDial: () => true,
      lastConnection: () => 0,
      onGone: () => undefined,
      wallClockMs: () => 0,
      drawHoldMs: () => 0,
      standsStillMs: () => Math.max(0, this.#frozenUntilMs - clock.monotonic()),
    });
    this.#member = new EtlMember(plan, this.#footprint.runtime);
    this.#member.start();
  }

  async leave(): Promise<MemberReport> {
    await this.#member.leave();
    return this.#member.report;
  }

  /** Nothing that it says is heard from now on. */
  async die(): Promise<MemberReport> {
    this.#broker.faults.neverAnswer({ clientId: this.plan.clientId, times: Number.POSITIVE_INFINITY });
    await this.#member.drop();
    return this.#member.report;
  }

  freeze(ms: number): void {
    this.#frozenUntilMs = this.#clock.monotonic() + ms;
    this.#footprint.freeze();
    // Timers that are late come first, as they do in Node.
    this.#clock.schedule(ms, () => void this.#clock.schedule(0, () => this.#thaw()));
  }

  stall(ms: number): void {
    this.#member.stall(ms);
  }

  /** Unless it was frozen again meanwhile. */
  #thaw(): void {
    if (this.#clock.monotonic() >= this.#frozenUntilMs) this.#footprint.thaw();
  }
}
