/** What a member asks its coordinator: one attempt each, whatever went wrong is the caller's. */
import {
  type Api,
  type DescribedGroupMember,
  DescribeGroups,
  type DescribeGroupsResponse,
  type Draft,
  Heartbeat,
  JoinGroup,
  type JoinGroupProtocol,
  type JoinGroupResponse,
  LeaveGroup,
  type LeaveGroupRequest,
  SyncGroup,
  type SyncGroupAssignment,
} from "../../../protocol/index.ts";
import type { Clock } from "../../async/clock.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { AskOptions, Cluster } from "../../cluster/cluster.ts";
import type { Target } from "../../cluster/target.ts";
import type { RequestBody } from "../../connection/broker-connection.ts";
import { BrokerError } from "../../errors.ts";
import type { Generation } from "./membership-state.ts";

export interface GroupCallsInit {
  readonly cluster: () => Cluster;
  readonly groupId: string;
  readonly groupInstanceId: string | undefined;
  readonly sessionTimeoutMs: number;
  /** How long a rebalance waits for this member: it may be in the middle of something for so long. */
  readonly rebalanceTimeoutMs: number;
  /** For who watches: the coordinator has answered, after so long, and whatever it said. */
  readonly onAnswered: (request: AnsweredRequest, latencyMs: number) => void;
  readonly clock: Pick<Clock, "monotonic">;
}

export type AnsweredRequest = "join" | "sync" | "heartbeat";

/** With MEMBER_ID_REQUIRED comes an id. */
export class JoinRefusedError extends BrokerError {
  readonly memberId: string;

  constructor(code: number, memberId: string) {
    super(code, { api: JoinGroup.name });
    this.memberId = memberId;
  }
}

const CONSUMERS = "consumer";
const NONE = 0;
const NO_SUCH_GROUP = 69;
const STABLE = "Stable";
/** The coordinator answers when all have come, or the rebalance timeout is over; it, and the way, take their time as well. */
const BEYOND_REBALANCE_MS = 5_000;
/** Java cuts it, too. */
const LONGEST_REASON = 255;
/** KIP-345, KIP-800. */
const FIRST_LEAVE_WITH_MEMBERS = 3;

const WATCHED: ReadonlyMap<string, AnsweredRequest> = new Map([
  [JoinGroup.name, "join"],
  [SyncGroup.name, "sync"],
  [Heartbeat.name, "heartbeat"],
]);

type Own = Pick<AskOptions<unknown>, "timeoutMs" | "lane">;

interface Answer {
  readonly errorCode: number;
}

export class GroupCalls {
  readonly #init: GroupCallsInit;

  constructor(init: GroupCallsInit) {
    this.#init = init;
  }

  async join(
    memberId: string,
    protocols: readonly JoinGroupProtocol[],
    reason: string,
    deadline: Deadline,
  ): Promise<JoinGroupResponse> {
    const { groupId, groupInstanceId = null, sessionTimeoutMs, rebalanceTimeoutMs } = this.#init;
    const body = {
      groupId,
      groupInstanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId,
      protocolType: CONSUMERS,
      protocols,
      reason: reason.slice(0, LONGEST_REASON),
    };
    const timeoutMs = rebalanceTimeoutMs + BEYOND_REBALANCE_MS;
    const answer = await this.#ask(JoinGroup, body, deadline, { timeoutMs });
    if (answer.errorCode !== NONE) throw new JoinRefusedError(answer.errorCode, answer.memberId);
    return answer;
  }

  /** Our assignment's bytes. */
  async sync(
    { memberId, generationId, assignor }: Generation,
    assignments: readonly SyncGroupAssignment[],
    deadline: Deadline,
  ): Promise<Uint8Array> {
    const { groupId, groupInstanceId = null } = this.#init;
    const names = { protocolType: CONSUMERS, protocolName: assignor };
    const body = { groupId, groupInstanceId, memberId, generationId, ...names, assignments };
    return (await this.#checked(SyncGroup, body, deadline)).assignment;
  }

  async heartbeat({ memberId, generationId }: Generation, deadline: Deadline): Promise<void> {
    const { groupId, groupInstanceId = null } = this.#init;
    await this.#checked(Heartbeat, { groupId, groupInstanceId, memberId, generationId }, deadline);
  }

  /** Who is in the group, as its coordinator sees it; undefined while it moves, or if that one has made it one of its own (KIP-848). */
  async members(deadline: Deadline): Promise<readonly DescribedGroupMember[] | undefined> {
    const { cluster, groupId } = this.#init;
    const errorsIn = ({ groups }: DescribeGroupsResponse): readonly number[] => groups.map(({ errorCode }) => errorCode);
    const options = { deadline, retries: false, errorsIn };
    const { body } = await cluster().ask(DescribeGroups, { groups: [groupId] }, this.#coordinator, options);
    const found = body.groups.find((group) => group.groupId === groupId);
    const errorCode = found?.errorCode ?? NO_SUCH_GROUP;
    if (errorCode !== NONE && errorCode !== NO_SUCH_GROUP) throw new BrokerError(errorCode, { api: DescribeGroups.name });
    return found?.groupState === STABLE ? found.members : undefined;
  }

  async leave(memberId: string, reason: string, deadline: Deadline): Promise<void> {
    const { groupId, groupInstanceId = null } = this.#init;
    const members = [{ memberId, groupInstanceId, reason: reason.slice(0, LONGEST_REASON) }];
    const body = (version: number): Draft<LeaveGroupRequest> =>
      version < FIRST_LEAVE_WITH_MEMBERS ? { groupId, memberId } : { groupId, members };
    const { members: left } = await this.#checked(LeaveGroup, body, deadline, { lane: "main" });
    const [ours] = left;
    if (ours !== undefined && ours.errorCode !== NONE) throw new BrokerError(ours.errorCode, { api: LeaveGroup.name });
  }

  get #coordinator(): Extract<Target, { kind: "coordinator" }> {
    return { kind: "coordinator", type: "group", key: this.#init.groupId };
  }

  async #checked<Request, Response extends Answer>(
    api: Api<Request, Response>,
    body: RequestBody<Request>,
    deadline: Deadline,
    own: Own = {},
  ): Promise<Response> {
    const answer = await this.#ask(api, body, deadline, own);
    if (answer.errorCode !== NONE) throw new BrokerError(answer.errorCode, { api: api.name });
    return answer;
  }

  async #ask<Request, Response extends Answer>(
    api: Api<Request, Response>,
    body: RequestBody<Request>,
    deadline: Deadline,
    own: Own = {},
  ): Promise<Response> {
    const options = { deadline, retries: false, errorsIn: ({ errorCode }: Response) => [errorCode], ...own };
    const { cluster, clock, onAnswered } = this.#init;
    const sentAtMs = clock.monotonic();
    const { body: answer } = await cluster().ask(api, body, this.#coordinator, options);
    const request = WATCHED.get(api.name);
    if (request !== undefined) onAnswered(request, clock.monotonic() - sentAtMs);
    return answer;
  }
}
