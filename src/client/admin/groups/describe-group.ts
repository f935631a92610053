import {
  ConsumerGroupDescribe,
  type ConsumerGroupDescribeResponse,
  DescribeGroups,
  type DescribeGroupsResponse,
  decodeAssignment,
  MalformedMessageError,
  UnsupportedVersionError,
} from "../../../protocol/index.ts";
import type { TopicPartition } from "../../consumer/topic-partition.ts";
import { BrokerError } from "../../errors.ts";
import { coordinatorOf, type GroupContext } from "./group-context.ts";

export interface GroupDescription {
  readonly group: string;
  readonly type: "classic" | "consumer";
  readonly state: string;
  /** By which the partitions are shared; empty if they are not. */
  readonly assignor: string;
  /** Of the consumer protocol; undefined for a classic group, whose generation brokers do not tell. */
  readonly epoch: number | undefined;
  readonly members: readonly DescribedMember[];
}

export interface DescribedMember {
  readonly memberId: string;
  readonly instanceId: string | undefined;
  readonly clientId: string;
  readonly host: string;
  /** Undefined if its assignment cannot be read: not everybody in a group is a consumer. */
  readonly partitions: readonly TopicPartition[] | undefined;
}

const NO_SUCH_GROUP = 69;
const CONSUMERS = "consumer";

/** @throws BrokerError, GROUP_ID_NOT_FOUND if there is none of that name that has consumers */
export async function describeGroup(context: GroupContext, group: string): Promise<GroupDescription> {
  return (await withEpochs(context, group)) ?? (await classic(context, group));
}

/** Undefined if it is not one of the consumer protocol, or the broker knows nothing of that. */
async function withEpochs({ cluster, deadline }: GroupContext, group: string): Promise<GroupDescription | undefined> {
  const errorsIn = ({ groups }: ConsumerGroupDescribeResponse): readonly number[] => groups.map(({ errorCode }) => errorCode);
  try {
    const body = { groupIds: [group] };
    const answer = await cluster.ask(ConsumerGroupDescribe, body, coordinatorOf(group), { deadline, errorsIn });
    const found = answer.body.groups.find(({ groupId }) => groupId === group);
    if (found === undefined || found.errorCode === NO_SUCH_GROUP) return undefined;
    const { errorCode, errorMessage, groupState: state, assignorName: assignor, groupEpoch: epoch, members } = found;
    if (errorCode !== 0) throw new BrokerError(errorCode, { api: ConsumerGroupDescribe.name, group }, errorMessage);
    const described = members.map(({ memberId, instanceId, clientId, clientHost: host, assignment }) => ({
      memberId,
      instanceId: instanceId ?? undefined,
      clientId,
      host,
      partitions: assignment.topicPartitions.flatMap(({ topicName: topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      ),
    }));
    return { group, type: "consumer", state, assignor, epoch, members: described };
  } catch (error) {
    if (error instanceof UnsupportedVersionError) return undefined;
    throw error;
  }
}

async function classic({ cluster, deadline }: GroupContext, group: string): Promise<GroupDescription> {
  const errorsIn = ({ groups }: DescribeGroupsResponse): readonly number[] => groups.map(({ errorCode }) => errorCode);
  const { body } = await cluster.ask(DescribeGroups, { groups: [group] }, coordinatorOf(group), { deadline, errorsIn });
  const about = { api: DescribeGroups.name, group };
  const found = body.groups.find(({ groupId }) => groupId === group);
  if (found === undefined) throw new BrokerError(NO_SUCH_GROUP, about);
  const { errorCode, errorMessage, groupState: state, protocolType, protocolData: assignor, members } = found;
  if (errorCode !== 0) throw new BrokerError(errorCode, about, errorMessage);
  // Before 4.0 a group that is not there is told as one that is over.
  if (state === "Dead") throw new BrokerError(NO_SUCH_GROUP, about);
  const described = members.map(({ memberId, groupInstanceId, clientId, clientHost: host, memberAssignment }) => ({
    memberId,
    instanceId: groupInstanceId ?? undefined,
    clientId,
    host,
    partitions: protocolType === CONSUMERS ? partitionsIn(memberAssignment) : undefined,
  }));
  return { group, type: "classic", state, assignor, epoch: undefined, members: described };
}

/** Nobody has to write there what can be read. */
function partitionsIn(bytes: Uint8Array): readonly TopicPartition[] | undefined {
  if (bytes.length === 0) return [];
  try {
    const { assignedPartitions } = decodeAssignment(bytes).value;
    return assignedPartitions.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}
