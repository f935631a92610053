// A cluster's life among clients that do what they may, and now and then what they may not, in an order that a seed decides.

import type { Cluster } from "../../../src/broker/cluster/cluster.ts";
import { handler as apiVersions } from "../../../src/broker/handlers/api-versions.ts";
import { EmbeddedBroker, HeldClock } from "../../../src/broker/index.ts";
import { BrokerClient } from "../../support/broker-client.ts";
import { Random } from "../random.ts";
import { type Ask, type Deed, GROUPS, IDS, TOPICS } from "./deed.ts";
import { GroupDeeds } from "./group-deeds.ts";
import { problemsOfCluster } from "./invariants.ts";
import { LogDeeds } from "./log-deeds.ts";

export interface LifeResult {
  readonly problems: readonly string[];
  readonly journal: string;
  /** How often each API was answered without an error. */
  readonly accepted: ReadonlyMap<string, number>;
}

const NODES = 3;
/** Longer than every session and every transaction here. */
const QUIET_MS = 200_000;
const MOST_STEP_MS = 4000;

export async function live(seed: number, steps: number): Promise<LifeResult> {
  const clock = new HeldClock();
  const topics = Object.fromEntries(TOPICS.map((name) => [name, { partitions: 2, replicationFactor: 2 }]));
  const broker = await EmbeddedBroker.start({ nodes: NODES, transport: "memory", clock, seed, topics });
  const life = new Life(broker, clock, await clusterOf(broker), new Random(seed));
  await life.run(steps);
  return life.end();
}

/** What handlers get to see, and nobody else. */
export async function clusterOf(broker: EmbeddedBroker): Promise<Cluster> {
  const { answer } = apiVersions;
  const client = await BrokerClient.connect(broker);
  try {
    const seen = new Promise<Cluster>((resolve) => {
      apiVersions.answer = (request, context) => {
        resolve(context.cluster);
        return answer(request, context);
      };
    });
    await client.ask("ApiVersions", {}, 0);
    return await seen;
  } finally {
    apiVersions.answer = answer;
    client.close();
  }
}

interface Actor {
  readonly client: BrokerClient;
  readonly node: number;
  isBusy: boolean;
}

class Life {
  readonly #broker: EmbeddedBroker;
  readonly #clock: HeldClock;
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #problems: string[] = [];
  readonly #accepted = new Map<string, number>();
  readonly #actors: Actor[] = [];
  readonly #deeds: readonly (() => Deed)[];
  readonly #stopped = new Set<number>();
  readonly #truncated = new Set<object>();
  #step = 0;

  constructor(broker: EmbeddedBroker, clock: HeldClock, cluster: Cluster, random: Random) {
    this.#broker = broker;
    this.#clock = clock;
    this.#cluster = cluster;
    this.#random = random;
    const setting = { broker, clock, cluster, random, count: (what: string) => this.#count(what) };
    this.#deeds = deedsOf(new LogDeeds(setting), new GroupDeeds(setting));
  }

  async run(steps: number): Promise<void> {
    for (this.#step = 0; this.#step < steps && this.#problems.length === 0; this.#step++) {
      if (this.#random.below(6) === 0) await this.#happen();
      else await this.#act();
      await this.#clock.advance(this.#random.below(3) === 0 ? this.#random.below(MOST_STEP_MS) : 0);
      this.#check();
    }
  }

  async end(): Promise<LifeResult> {
    const broker = this.#broker;
    for (const { client } of this.#actors) client.close();
    for (const node of this.#stopped) await broker.startNode(node);
    await this.#clock.advance(QUIET_MS);
    this.#check();
    this.#checkRest();
    const journal = broker.journal.text();
    await broker.close();
    await this.#clock.advance(1000);
    if (this.#clock.pendingTimers > 0) this.#problems.push(`${this.#clock.pendingTimers} timers are left`);
    return { problems: this.#problems, journal, accepted: this.#accepted };
  }

  #count(what: string): void {
    this.#accepted.set(what, (this.#accepted.get(what) ?? 0) + 1);
  }

  #check(): void {
    const at = `step ${this.#step}: `;
    for (const problem of problemsOfCluster(this.#cluster)) this.#problems.push(at + problem);
    for (const failure of this.#broker.failures) this.#problems.push(at + (failure.stack ?? failure.message));
  }

  /** With all nodes there and all clients gone, everything is decided and everybody has left. */
  #checkRest(): void {
    for (const topic of this.#cluster.topics) {
      for (const { log, index, leaderId } of topic.partitions) {
        const name = `${topic.name}-${index}`;
        // A truncation can lose a marker, and then there is nobody who would end the transaction again.
        if (log.lastStableOffset !== log.highWatermark && !this.#truncated.has(log))
          this.#problems.push(`at rest: a transaction is still open in ${name}`);
        if (leaderId === -1) this.#problems.push(`at rest: nobody leads ${name}`);
      }
    }
    for (const group of this.#cluster.groups)
      if (!group.isEmpty) this.#problems.push(`at rest: group ${group.id} is ${group.state}`);
  }

  /** Something that is done to the cluster. */
  async #happen(): Promise<void> {
    const random = this.#random;
    const broker = this.#broker;
    const topic = random.pick(TOPICS);
    const node = 1 + random.below(NODES);
    switch (random.below(9)) {
      case 0:
        if (this.#cluster.topics.get(topic) !== undefined) broker.deleteTopic(topic);
        break;
      case 1:
      case 2:
        for (const name of TOPICS) {
          if (this.#cluster.topics.get(name) === undefined) broker.createTopic(name, { partitions: 2, replicationFactor: 2 });
        }
        break;
      case 3:
        if (this.#stopped.size < NODES && !this.#stopped.has(node)) {
          this.#stopped.add(node);
          await broker.stopNode(node);
        }
        break;
      case 4:
      case 5:
        for (const id of this.#stopped) await broker.startNode(id);
        this.#stopped.clear();
        break;
      case 6:
        this.#cluster.topics.get(topic)?.partition(random.below(2))?.moveLeader(node);
        break;
      case 7:
        this.#cluster.coordinators.move("group", random.pick(GROUPS), node, random.below(2) * 1000);
        this.#cluster.coordinators.move("transaction", random.pick(IDS), node, random.below(2) * 1000);
        break;
      default:
        if (random.below(3) === 0) broker.disconnectAll(node);
        else this.#truncate(topic);
    }
  }

  #truncate(name: string): void {
    const partition = this.#cluster.topics.get(name)?.partition(0);
    if (partition === undefined) return;
    this.#truncated.add(partition.log);
    this.#broker.truncate({ topic: name, partition: 0 }, Math.max(0, partition.log.endOffset - this.#random.below(5)));
  }

  /** A client does something; perhaps it has to wait, and others go on. */
  async #act(): Promise<void> {
    const random = this.#random;
    const [rightNode, run] = random.pick(this.#deeds)();
    const actor = await this.#actor(rightNode);
    if (actor === undefined) return;
    actor.isBusy = true;
    const ask: Ask = async (name, body, version) => {
      const answer = await actor.client.ask(name, body, version);
      if (Reflect.get(answer as object, "errorCode") === 0 || !("errorCode" in (answer as object))) this.#count(name);
      return answer;
    };
    run(ask).then(
      () => {
        actor.isBusy = false;
      },
      () => {
        // Cut off: that is the weather.
        actor.isBusy = false;
      },
    );
    if (random.below(20) === 0) actor.client.close();
  }

  /** Somebody who has nothing to wait for; somebody new, when there are few; and now and then one gives up waiting. */
  async #actor(rightNode: number): Promise<Actor | undefined> {
    const random = this.#random;
    for (const actor of Array.from(this.#actors)) {
      if (actor.client.isEnded) this.#actors.splice(this.#actors.indexOf(actor), 1);
      else if (actor.isBusy && random.below(12) === 0) actor.client.close();
    }
    const node = rightNode > 0 && random.below(6) > 0 ? rightNode : 1 + random.below(NODES);
    const idle = this.#actors.filter((actor) => !actor.isBusy && !actor.client.isEnded && actor.node === node);
    if (idle.length > 0 && random.below(4) > 0) return random.pick(idle);
    if (this.#actors.length > 15) return undefined;
    try {
      const client = await BrokerClient.connect(this.#broker, { node, clientId: `c${random.below(4)}` });
      const actor = { client, node, isBusy: false };
      this.#actors.push(actor);
      return actor;
    } catch {
      // The node is not there.
      return undefined;
    }
  }
}

/** What clients choose from; the weights are the numbers of times. */
function deedsOf(logs: LogDeeds, groups: GroupDeeds): readonly (() => Deed)[] {
  const weighted: readonly (readonly [times: number, deed: () => Deed])[] = [
    [2, () => logs.init()],
    [4, () => logs.produce()],
    [2, () => logs.end()],
    [1, () => logs.addPartitions()],
    [1, () => logs.txnOffsets()],
    [1, () => logs.fetch()],
    [2, () => groups.join()],
    [1, () => groups.sync()],
    [1, () => groups.leave()],
    [1, () => groups.commit()],
    [4, () => groups.consume()],
    [1, () => logs.delete()],
    [1, () => groups.read()],
  ];
  return weighted.flatMap(([times, deed]) => Array.from({ length: times }, () => deed));
}
