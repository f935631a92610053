import { OffsetFetch, type OffsetFetchResponse } from "../../../protocol/index.ts";
import type { TopicPartitionOffset } from "../../consumer/topic-partition.ts";
import { BrokerError } from "../../errors.ts";
import { coordinatorOf, type GroupContext } from "./group-context.ts";

/** Groups have stood in a list since 3.0; before, a request was about one. */
const FIRST_WITH_MANY_GROUPS = 8;
/** From the next version on topics go by ids, which somebody who asks for all of them need not know. */
const LAST_WITH_NAMES = 9;

/** All that the group has committed. */
export async function groupOffsets({ cluster, deadline }: GroupContext, group: string): Promise<readonly TopicPartitionOffset[]> {
  const resultIn = (body: OffsetFetchResponse, version: number): Pick<OffsetFetchResponse, "errorCode" | "topics"> | undefined =>
    version < FIRST_WITH_MANY_GROUPS ? body : body.groups.find(({ groupId }) => groupId === group);
  const { body, version } = await cluster.ask(
    OffsetFetch,
    (version) =>
      version < FIRST_WITH_MANY_GROUPS ? { groupId: group, topics: null } : { groups: [{ groupId: group, topics: null }] },
    coordinatorOf(group),
    {
      deadline,
      lane: "main",
      limits: { atLeast: 2, atMost: LAST_WITH_NAMES },
      errorsIn: ({ errorCode, groups }) => [errorCode, ...groups.map((one) => one.errorCode)],
    },
  );
  const { errorCode = 0, topics = [] } = resultIn(body, version) ?? {};
  if (errorCode !== 0) throw new BrokerError(errorCode, { api: OffsetFetch.name, group });
  return topics.flatMap(({ name: topic, partitions }) =>
    partitions.flatMap(({ partitionIndex: partition, committedOffset: offset, errorCode: code }) => {
      if (code !== 0) throw new BrokerError(code, { api: OffsetFetch.name, group, topic, partition });
      return offset < 0 ? [] : [{ topic, partition, offset }];
    }),
  );
}
