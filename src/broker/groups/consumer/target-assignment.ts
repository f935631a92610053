/** What every member of a group shall have in the end. */
import { javaHash } from "../../cluster/coordinators.ts";
import type { Topics } from "../../cluster/topics.ts";
import type { Assignor, Partitions } from "./assignors/assignor.ts";
import { bucketsWhenCopied, bucketsWhenGrown, hashOrder, topicIdHash } from "./assignors/hash-order.ts";
import { assignRanges } from "./assignors/range.ts";
import { assignUniformly } from "./assignors/uniform.ts";
import type { ConsumerMember } from "./member.ts";
import type { ResolvedRegexes } from "./subscriptions.ts";

/** By the names that clients and `group.consumer.assignors` use. */
export const assignors: ReadonlyMap<string, Assignor> = new Map([
  ["uniform", assignUniformly],
  ["range", assignRanges],
]);

export type TargetAssignment = ReadonlyMap<string, Partitions>;

export interface TargetInput {
  readonly assignor: Assignor;
  readonly members: readonly ConsumerMember[];
  readonly isHomogeneous: boolean;
  readonly resolvedRegexes: ResolvedRegexes;
  readonly topics: Topics;
  readonly previous: TargetAssignment;
}

export function computeTarget(input: TargetInput): TargetAssignment {
  const { assignor, members, isHomogeneous, topics, previous } = input;
  const target = assignor({
    isHomogeneous,
    partitionCountOf: (topicId) => topics.byId(topicId)?.partitions.length ?? 0,
    members: hashOrder(members, ({ memberId }) => javaHash(memberId), bucketsWhenGrown).map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      subscribedTopicIds: subscribedTopicIds(member, input.resolvedRegexes, topics),
      assigned: previous.get(member.memberId) ?? new Map(),
    })),
  });
  return new Map(members.map(({ memberId }) => [memberId, inHashOrder(target.get(memberId) ?? new Map())]));
}

/** Topics that do not exist are subscribed to in vain. */
export function subscribedTopicIds(member: ConsumerMember, resolved: ResolvedRegexes, topics: Topics): ReadonlySet<string> {
  const named = hashOrder(member.subscribedTopicNames, javaHash, bucketsWhenCopied);
  const names = [...named, ...(resolved.get(member.subscribedTopicRegex) ?? [])];
  return new Set(names.flatMap((name) => topics.get(name)?.id ?? []));
}

/** The assignor that most members prefer, else the default. */
export function preferredAssignor(members: Iterable<ConsumerMember>, defaultName: string): string {
  const votes = new Map<string, number>();
  for (const { serverAssignor } of members) {
    if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1);
  }
  let preferred = defaultName;
  let most = 0;
  for (const name of hashOrder(votes.keys(), javaHash, bucketsWhenGrown)) {
    const count = votes.get(name)!;
    if (count > most) [preferred, most] = [name, count];
  }
  return preferred;
}

/** In the order in which Kafka's next assignment will look at it. */
function inHashOrder(partitions: Partitions): Partitions {
  const ordered = hashOrder(partitions, ([topicId]) => topicIdHash(topicId), bucketsWhenGrown);
  return new Map(
    ordered.map(([topicId, numbers]) => {
      const ascending = [...numbers].sort((one, other) => one - other);
      return [topicId, new Set(hashOrder(ascending, (number) => number, bucketsWhenCopied))];
    }),
  );
}
