// A cluster's life among clients that do what they may, and now and then what they may not, in an order that a seed decides.

import type { Cluster } from "../../../src/broker/cluster/cluster.ts";
import { handler as apiVersions } from "../../../src/broker/handlers/api-versions.ts";
import { EmbeddedBroker, HeldClock } from "../../../src/broker/index.ts";
import { type ApiName, type apis, type Draft, RecordBatch, type RequestOf, type ResponseOf } from "../../../src/protocol/index.ts";
import { BrokerClient } from "../../support/broker-client.ts";
import { Random } from "../random.ts";
import { problemsOfCluster } from "./invariants.ts";

export interface LifeResult {
  readonly problems: readonly string[];
  readonly journal: string;
  /** How often each API was answered without an error. */
  readonly accepted: ReadonlyMap<string, number>;
}

const NODES = 3;
const TOPICS = ["t0", "t1", "t2"];
const GROUPS = ["g0", "g1"];
const IDS = ["x0", "x1"];
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

interface Producer {
  readonly transactionalId: string | null;
  producerId: bigint;
  producerEpoch: number;
  readonly sequences: Map<string, number>;
}

interface Member {
  readonly groupId: string;
  readonly memberId: string;
  generation: number;
}

type Ask = <Name extends ApiName>(
  name: Name,
  body: Draft<RequestOf<(typeof apis)[Name]>>,
  version?: number,
) => Promise<ResponseOf<(typeof apis)[Name]>>;

type Deed = (ask: Ask) => Promise<unknown>;

class Life {
  readonly #broker: EmbeddedBroker;
  readonly #clock: HeldClock;
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #problems: string[] = [];
  readonly #accepted = new Map<string, number>();
  readonly #actors: Actor[] = [];
  readonly #producers: Producer[] = [];
  readonly #members: Member[] = [];
  readonly #consumers: Member[] = [];
  readonly #stopped = new Set<number>();
  readonly #truncated = new Set<object>();
  #step = 0;
  /** Where the next deed belongs; clients go there more often than not. */
  #rightNode = -1;

  constructor(broker: EmbeddedBroker, clock: HeldClock, cluster: Cluster, random: Random) {
    this.#broker = broker;
    this.#clock = clock;
    this.#cluster = cluster;
    this.#random = random;
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
    const { broker } = this.#toRest();
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

  #toRest(): { readonly broker: EmbeddedBroker } {
    for (const { client } of this.#actors) client.close();
    return { broker: this.#broker };
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
    const deed = this.#deed();
    const actor = await this.#actor();
    if (actor === undefined) return;
    actor.isBusy = true;
    const ask: Ask = async (name, body, version) => {
      const answer = await actor.client.ask(name, body, version);
      if (Reflect.get(answer as object, "errorCode") === 0 || !("errorCode" in (answer as object)))
        this.#accepted.set(name, (this.#accepted.get(name) ?? 0) + 1);
      return answer;
    };
    deed(ask).then(
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
  async #actor(): Promise<Actor | undefined> {
    const random = this.#random;
    for (const actor of Array.from(this.#actors)) {
      if (actor.client.isEnded) this.#actors.splice(this.#actors.indexOf(actor), 1);
      else if (actor.isBusy && random.below(12) === 0) actor.client.close();
    }
    const node = this.#rightNode > 0 && random.below(6) > 0 ? this.#rightNode : 1 + random.below(NODES);
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

  #deed(): Deed {
    const random = this.#random;
    return random.pick<() => Deed>([
      () => this.#init(),
      () => this.#init(),
      () => this.#produce(),
      () => this.#produce(),
      () => this.#produce(),
      () => this.#produce(),
      () => this.#end(),
      () => this.#end(),
      () => this.#addPartitions(),
      () => this.#txnOffsets(),
      () => this.#fetch(),
      () => this.#join(),
      () => this.#join(),
      () => this.#sync(),
      () => this.#leave(),
      () => this.#commit(),
      () => this.#consume(),
      () => this.#consume(),
      () => this.#consume(),
      () => this.#consume(),
      () => this.#delete(),
      () => this.#read(),
    ])();
  }

  #atLeaderOf(topic: string, index: number): void {
    this.#rightNode = this.#cluster.topics.get(topic)?.partition(index)?.leaderId ?? -1;
  }

  #atCoordinatorOf(kind: "group" | "transaction", key: string | null | undefined): void {
    this.#rightNode = key == null ? -1 : this.#broker.coordinatorOf(kind, key);
  }

  #init(): Deed {
    const transactionalId = this.#random.below(4) === 0 ? null : this.#random.pick(IDS);
    this.#atCoordinatorOf("transaction", transactionalId);
    const version = this.#random.pick([1, 3, 5]);
    const known = this.#random.below(3) === 0 ? this.#random.pick([...this.#producers, undefined]) : undefined;
    const more = known === undefined || version < 3 ? {} : { producerId: known.producerId, producerEpoch: known.producerEpoch };
    return async (ask) => {
      const body = { transactionalId, transactionTimeoutMs: 20_000, ...more };
      const { errorCode, producerId, producerEpoch } = await ask("InitProducerId", body, version);
      if (errorCode === 0) this.#remember(this.#producers, { transactionalId, producerId, producerEpoch, sequences: new Map() });
    };
  }

  #remember<T>(all: T[], one: T): void {
    all.push(one);
    if (all.length > 8) all.shift();
  }

  #produce(): Deed {
    const random = this.#random;
    const producer = random.pick([...this.#producers, undefined]);
    const [topic, index] = [random.pick(TOPICS), random.below(2)];
    const place = `${topic}-${index}`;
    this.#atLeaderOf(topic, index);
    const count = 1 + random.below(3);
    const slip = random.below(8) === 0 ? random.pick([-1, 1, 2]) : 0;
    const version = random.pick([7, 11, 12]);
    const transactionalId = random.below(15) === 0 ? random.pick(IDS) : (producer?.transactionalId ?? null);
    return async (ask) => {
      const records = Array.from({ length: count }, (_, i) => ({ value: `v${i}`, timestamp: this.#clock.now() }));
      const baseSequence = Math.max(0, (producer?.sequences.get(place) ?? 0) + slip);
      const { producerId = -1n, producerEpoch = -1 } = producer ?? {};
      const idempotence =
        producer === undefined ? {} : { producerId, producerEpoch, baseSequence, isTransactional: transactionalId !== null };
      const batch = RecordBatch.encode({ records, ...idempotence });
      const body = {
        acks: random.pick([-1, 1]),
        timeoutMs: 100,
        transactionalId,
        topicData: [{ name: topic, partitionData: [{ index, records: batch }] }],
      };
      const { responses } = await ask("Produce", body, version);
      const error = responses[0]?.partitionResponses[0]?.errorCode;
      if (error === 0 && slip === 0) {
        producer?.sequences.set(place, baseSequence + count);
        this.#accepted.set("a batch", (this.#accepted.get("a batch") ?? 0) + 1);
      }
      if (error === 45 && producer !== undefined) producer.sequences.set(place, random.below(2) === 0 ? 0 : baseSequence + 1);
    };
  }

  #end(): Deed {
    const producer = this.#random.pick([...this.#producers, undefined]);
    const committed = this.#random.below(2) === 0;
    this.#atCoordinatorOf("transaction", producer?.transactionalId);
    const version = this.#random.pick([3, 5, 5]);
    return async (ask) => {
      if (producer === undefined || producer.transactionalId === null) return;
      const { transactionalId, producerId, producerEpoch } = producer;
      const answer = await ask("EndTxn", { transactionalId, producerId, producerEpoch, committed }, version);
      if (answer.errorCode !== 0 || version < 5) return;
      if (answer.producerEpoch !== producerEpoch) producer.sequences.clear();
      producer.producerId = answer.producerId;
      producer.producerEpoch = answer.producerEpoch;
    };
  }

  #addPartitions(): Deed {
    const producer = this.#random.pick([...this.#producers, undefined]);
    const topic = this.#random.pick(TOPICS);
    this.#atCoordinatorOf("transaction", producer?.transactionalId);
    return async (ask) => {
      if (producer === undefined || producer.transactionalId === null) return;
      await ask(
        "AddPartitionsToTxn",
        {
          v3AndBelowTransactionalId: producer.transactionalId,
          v3AndBelowProducerId: producer.producerId,
          v3AndBelowProducerEpoch: producer.producerEpoch,
          v3AndBelowTopics: [{ name: topic, partitions: [0, 1] }],
        },
        3,
      );
    };
  }

  #txnOffsets(): Deed {
    const producer = this.#random.pick([...this.#producers, undefined]);
    const groupId = this.#random.pick(GROUPS);
    const name = this.#random.pick(TOPICS);
    const version = this.#random.pick([3, 5]);
    this.#atCoordinatorOf(version < 5 ? "transaction" : "group", version < 5 ? producer?.transactionalId : groupId);
    return async (ask) => {
      if (producer === undefined || producer.transactionalId === null) return;
      const { transactionalId, producerId, producerEpoch } = producer;
      if (version < 5) await ask("AddOffsetsToTxn", { transactionalId, producerId, producerEpoch, groupId }, 3);
      const topics = [{ name, partitions: [{ partitionIndex: 0, committedOffset: 1 }] }];
      await ask("TxnOffsetCommit", { transactionalId, groupId, producerId, producerEpoch, topics }, version);
    };
  }

  #fetch(): Deed {
    const random = this.#random;
    const topic = random.pick(TOPICS);
    const [maxWaitMs, minBytes, isolationLevel, fetchOffset] = [
      random.below(60_000),
      random.below(2000),
      random.below(2),
      random.below(20),
    ];
    this.#atLeaderOf(topic, 0);
    return (ask) =>
      ask(
        "Fetch",
        {
          maxWaitMs,
          minBytes,
          maxBytes: 1 << 20,
          isolationLevel,
          topics: [{ topic, partitions: [0, 1].map((partition) => ({ partition, fetchOffset, partitionMaxBytes: 1000 })) }],
        },
        12,
      );
  }

  #join(): Deed {
    const random = this.#random;
    const groupId = random.pick(GROUPS);
    const member = random.below(2) === 0 ? random.pick([...this.#members, undefined]) : undefined;
    const groupInstanceId = random.below(4) === 0 ? `i${random.below(2)}` : null;
    const version = random.pick([3, 5, 9]);
    const names = random.pick([["range"], ["range", "other"], ["other"]]);
    const bytes = random.below(3);
    this.#atCoordinatorOf("group", member?.groupId ?? groupId);
    return async (ask) => {
      const body = {
        groupId: member?.groupId ?? groupId,
        memberId: member?.memberId ?? "",
        protocolType: "consumer",
        sessionTimeoutMs: 6000 + random.below(10_000),
        rebalanceTimeoutMs: 1000 + random.below(20_000),
        protocols: names.map((name) => ({ name, metadata: new Uint8Array(bytes) })),
        ...(version >= 5 && { groupInstanceId }),
      };
      const joined = await ask("JoinGroup", body, version);
      // MEMBER_ID_REQUIRED: now it has one.
      if (joined.errorCode === 79 || joined.errorCode === 0)
        this.#remember(this.#members, { groupId: body.groupId, memberId: joined.memberId, generation: joined.generationId });
    };
  }

  #sync(): Deed {
    const member = this.#random.pick([...this.#members, undefined]);
    const others = this.#members.map(({ memberId }) => ({ memberId, assignment: Buffer.of(1, 2) }));
    const isBeat = this.#random.below(3) === 0;
    this.#atCoordinatorOf("group", member?.groupId);
    return async (ask) => {
      if (member === undefined) return;
      const { groupId, memberId, generation: generationId } = member;
      if (isBeat) await ask("Heartbeat", { groupId, memberId, generationId });
      else await ask("SyncGroup", { groupId, memberId, generationId, assignments: others });
    };
  }

  #leave(): Deed {
    const member = this.#random.pick([...this.#members, undefined]);
    const instance = this.#random.below(3) === 0 ? `i${this.#random.below(2)}` : null;
    this.#atCoordinatorOf("group", member?.groupId);
    return async (ask) => {
      if (member === undefined) return;
      const { groupId, memberId } = member;
      await ask("LeaveGroup", { groupId, members: [{ memberId: instance === null ? memberId : "", groupInstanceId: instance }] });
    };
  }

  #commit(): Deed {
    const random = this.#random;
    const member = random.pick([...this.#members, ...this.#consumers, undefined]);
    const name = random.pick(TOPICS);
    this.#atCoordinatorOf("group", member?.groupId ?? "g0");
    return async (ask) => {
      const topics = [{ name, partitions: [{ partitionIndex: 0, committedOffset: 3 }] }];
      const { groupId = "g0", memberId = "", generation: generationIdOrMemberEpoch = -1 } = member ?? {};
      await ask("OffsetCommit", { groupId, memberId, generationIdOrMemberEpoch, topics }, 9);
    };
  }

  #consume(): Deed {
    const random = this.#random;
    const known = random.below(4) > 0 ? random.pick([...this.#consumers, undefined]) : undefined;
    const groupId = known?.groupId ?? random.pick(GROUPS);
    const memberId = known?.memberId ?? `m${random.below(6)}`;
    const instanceId = random.below(4) === 0 ? `i${random.below(2)}` : null;
    const kind = random.below(10);
    const names = random.pick([TOPICS, TOPICS.slice(0, 1), TOPICS.slice(1), []]);
    const regex = random.pick([null, null, "", "t[01]", "t.*"]);
    const owned = random.below(3) > 0;
    this.#atCoordinatorOf("group", groupId);
    return async (ask) => {
      const isNew = known === undefined || kind === 0;
      const memberEpoch = isNew
        ? 0
        : kind === 1
          ? random.pick([-1, -2])
          : known.generation + (kind === 2 ? random.pick([-1, 1]) : 0);
      const body = {
        groupId,
        memberId,
        memberEpoch,
        instanceId,
        rebalanceTimeoutMs: isNew ? 5000 + random.below(10_000) : -1,
        subscribedTopicNames: isNew || kind === 3 ? names : null,
        subscribedTopicRegex: isNew || kind === 4 ? regex : null,
        topicPartitions: isNew ? [] : owned ? this.#owned(groupId, memberId) : null,
      };
      const answer = await ask("ConsumerGroupHeartbeat", body, 1);
      if (answer.errorCode !== 0) return;
      if (known !== undefined) known.generation = answer.memberEpoch;
      else this.#remember(this.#consumers, { groupId, memberId, generation: answer.memberEpoch });
    };
  }

  /** What an obedient member would say: that it has given up what it was to give up. */
  #owned(groupId: string, memberId: string): { topicId: string; partitions: number[] }[] {
    const group = this.#cluster.groups.get(groupId);
    const member = group?.protocol === "consumer" ? group.member(memberId) : undefined;
    return Array.from(member?.assigned ?? [], ([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()] }));
  }

  #delete(): Deed {
    const random = this.#random;
    const [name, groupId, kind] = [random.pick(TOPICS), random.pick(GROUPS), random.below(12)];
    this.#atLeaderOf(name, 1);
    return async (ask) => {
      if (kind === 0) await ask("DeleteGroups", { groupsNames: [groupId] });
      else if (kind === 1) await ask("DeleteTopics", { topics: [{ name }], timeoutMs: 1000 });
      else if (kind === 2) await ask("CreatePartitions", { topics: [{ name, count: 3, assignments: null }], timeoutMs: 1000 });
      else if (kind === 3) {
        const partitions = [{ partitionIndex: 1, offset: random.pick([1, 3, -1]) }];
        await ask("DeleteRecords", { topics: [{ name, partitions }], timeoutMs: 1000 });
      } else if (kind < 6) await ask("OffsetDelete", { groupId, topics: [{ name, partitions: [{ partitionIndex: 0 }] }] });
      else if (kind < 9) {
        const partitions = [{ partitionIndex: 0, replicas: random.pick([[1], [2, 3], [3, 1, 2], null]) }];
        await ask("AlterPartitionReassignments", { timeoutMs: 1000, topics: [{ name, partitions }] });
      } else await ask("ElectLeaders", { electionType: random.below(2), topicPartitions: null, timeoutMs: 1000 });
    };
  }

  #read(): Deed {
    const groupId = this.#random.pick(GROUPS);
    this.#atCoordinatorOf("group", groupId);
    return async (ask) => {
      await ask("OffsetFetch", { groups: [{ groupId, topics: null }], requireStable: true });
      await ask("DescribeGroups", { groups: [groupId] });
      await ask("ConsumerGroupDescribe", { groupIds: [groupId] });
      await ask("ListTransactions", {});
    };
  }
}
