import { ListGroups, type ListGroupsResponse } from "../../../protocol/index.ts";
import { BrokerError } from "../../errors.ts";
import type { GroupContext } from "./group-context.ts";

export interface ListedGroup {
  readonly group: string;
  /** `consumer`, `classic`, `share`, `streams`; undefined where brokers do not tell (before 3.8). */
  readonly type: string | undefined;
  /** Undefined where brokers do not tell (before 2.6). */
  readonly state: string | undefined;
  /** Of classic groups, what they are for: `consumer`, `connect`; empty for one that has only committed. */
  readonly protocolType: string;
}

/** Of all brokers, by name. */
export async function listGroups({ cluster, deadline }: GroupContext): Promise<readonly ListedGroup[]> {
  await cluster.bootstrap(deadline);
  const { brokers } = await cluster.refresh(deadline, []);
  const answers = await Promise.all([...brokers.keys()].map((nodeId) => groupsOn({ cluster, deadline }, nodeId)));
  return answers.flat().sort(({ group: one }, { group: other }) => (one < other ? -1 : Number(one > other)));
}

async function groupsOn({ cluster, deadline }: GroupContext, nodeId: number): Promise<readonly ListedGroup[]> {
  const errorsIn = ({ errorCode }: ListGroupsResponse): readonly number[] => [errorCode];
  const { body } = await cluster.ask(ListGroups, {}, { kind: "node", nodeId }, { deadline, errorsIn });
  if (body.errorCode !== 0) throw new BrokerError(body.errorCode, { api: ListGroups.name });
  return body.groups.map(({ groupId, groupType, groupState, protocolType }) => ({
    group: groupId,
    type: groupType === "" ? undefined : groupType.toLowerCase(),
    state: groupState === "" ? undefined : groupState,
    protocolType,
  }));
}
