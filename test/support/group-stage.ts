// A cluster in memory at a held time, and members of classic groups that do what a test says.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";
import {
  type DescribedGroup,
  type ErrorName,
  encodeSubscription,
  errorCode,
  type JoinGroupProtocol,
  type JoinGroupResponse,
  type LeaveGroupResponse,
  type SyncGroupResponse,
} from "../../src/protocol/index.ts";
import { BrokerClient } from "./broker-client.ts";

export const GROUP = "readers";
export const TOPIC = "orders";

/** A protocol as consumers offer it: the assignor's name, and what they subscribe to. */
export function offer(name: string, ...topics: string[]): JoinGroupProtocol {
  return { name, metadata: encodeSubscription({ topics: topics.length === 0 ? [TOPIC] : topics }, 0) };
}

export function nameOf(code: number): ErrorName {
  return errorCode(code).name;
}

export interface MemberInit {
  readonly group?: string;
  readonly groupInstanceId?: string | null;
  readonly protocols?: readonly JoinGroupProtocol[];
  readonly protocolType?: string;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** Of JoinGroup. */
  readonly version?: number;
  readonly node?: number;
}

export class GroupStage {
  readonly broker: EmbeddedBroker;
  readonly clock: HeldClock;
  /** For whatever is not a member's business. */
  readonly client: BrokerClient;

  private constructor(broker: EmbeddedBroker, clock: HeldClock, client: BrokerClient) {
    this.broker = broker;
    this.clock = clock;
    this.client = client;
  }

  static async open(options: EmbeddedBrokerOptions = {}): Promise<GroupStage> {
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock, topics: { [TOPIC]: 3 }, ...options });
    return new GroupStage(broker, clock, await BrokerClient.connect(broker));
  }

  async member(init: MemberInit = {}): Promise<StagedMember> {
    const client = await BrokerClient.connect(this.broker, { node: init.node ?? 1, clientId: "reader" });
    return new StagedMember(client, init);
  }

  /** Members that have joined and have their assignments; the first of them leads. */
  async stableGroup(...inits: readonly MemberInit[]): Promise<StagedMember[]> {
    const members: StagedMember[] = [];
    for (const init of inits) members.push(await this.member(init));
    const joins = members.map((member) => member.join());
    await this.clock.advance(0);
    await Promise.all(joins);
    await Promise.all(members.map((member) => member.sync(members)));
    return members;
  }

  async describe(group: string = GROUP): Promise<DescribedGroup> {
    const { groups } = await this.client.ask("DescribeGroups", { groups: [group] }, 5);
    return groups[0]!;
  }

  async state(group: string = GROUP): Promise<string> {
    return (await this.describe(group)).groupState;
  }

  /** Nothing may be left over: no failure that a client saw, and no timer. */
  async close(): Promise<{ readonly failures: readonly Error[]; readonly pendingTimers: number }> {
    await this.broker.close();
    return { failures: this.broker.failures, pendingTimers: this.clock.pendingTimers };
  }
}

export class StagedMember {
  readonly client: BrokerClient;
  readonly group: string;
  readonly groupInstanceId: string | null;
  memberId = "";
  generationId = -1;
  protocolName: string | null = null;
  readonly #init: MemberInit;

  constructor(client: BrokerClient, init: MemberInit) {
    this.client = client;
    this.#init = init;
    this.group = init.group ?? GROUP;
    this.groupInstanceId = init.groupInstanceId ?? null;
  }

  /** With the id that MEMBER_ID_REQUIRED hands out, if it takes one, and keeping what the answer says. */
  async join(changes: Partial<MemberInit> = {}): Promise<JoinGroupResponse> {
    let answer = await this.joinOnce(changes);
    if (nameOf(answer.errorCode) === "MEMBER_ID_REQUIRED") {
      this.memberId = answer.memberId;
      answer = await this.joinOnce(changes);
    }
    if (answer.errorCode === 0) {
      this.memberId = answer.memberId;
      this.generationId = answer.generationId;
      this.protocolName = answer.protocolName;
    }
    return answer;
  }

  joinOnce(changes: Partial<MemberInit> = {}): Promise<JoinGroupResponse> {
    const { protocols = [offer("range")], protocolType = "consumer", version = 9, ...timeouts } = { ...this.#init, ...changes };
    const body = {
      groupId: this.group,
      memberId: this.memberId,
      protocolType,
      protocols,
      sessionTimeoutMs: timeouts.sessionTimeoutMs ?? 10_000,
      ...(version >= 1 && { rebalanceTimeoutMs: timeouts.rebalanceTimeoutMs ?? 60_000 }),
      ...(version >= 5 && { groupInstanceId: this.groupInstanceId }),
    };
    return this.client.ask("JoinGroup", body, version);
  }

  /** The leader assigns to each member its own id as bytes. */
  sync(members: readonly StagedMember[] = [], version = 5): Promise<SyncGroupResponse> {
    const assignments = members.map(({ memberId }) => ({ memberId, assignment: Buffer.from(memberId) }));
    return this.client.ask(
      "SyncGroup",
      { ...this.#claim(), protocolType: "consumer", protocolName: this.protocolName, assignments },
      version,
    );
  }

  async heartbeat(): Promise<ErrorName> {
    return nameOf((await this.client.ask("Heartbeat", this.#claim(), 4)).errorCode);
  }

  /** Commits for partition 0 of the topic. */
  async commit(committedOffset: number, version = 9): Promise<ErrorName> {
    const { generationId: generationIdOrMemberEpoch, memberId, groupInstanceId } = this.#claim();
    const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset }] }];
    const body = { groupId: this.group, generationIdOrMemberEpoch, memberId, groupInstanceId, topics };
    return nameOf((await this.client.ask("OffsetCommit", body, version)).topics[0]!.partitions[0]!.errorCode);
  }

  leave(): Promise<LeaveGroupResponse> {
    const { memberId, groupInstanceId } = this;
    return this.client.ask("LeaveGroup", { groupId: this.group, members: [{ memberId, groupInstanceId }] }, 5);
  }

  #claim() {
    const { group: groupId, generationId, memberId, groupInstanceId } = this;
    return { groupId, generationId, memberId, groupInstanceId };
  }
}
