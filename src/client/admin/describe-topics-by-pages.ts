import {
  type DescribedTopic,
  DescribeTopicPartitions,
  type DescribeTopicPartitionsResponse,
  type TopicPartitionsCursor,
} from "../../protocol/index.ts";
import type { ClusterAnswer } from "../cluster/cluster.ts";
import { BrokerError } from "../errors.ts";
import { addressOf, missingResult } from "../leaders/item-failure.ts";
import { type AdminContext, itemError } from "./admin-context.ts";
import type { TopicDetails, TopicOutcome } from "./describe-topics.ts";
import { descriptionFromPages } from "./topic-description.ts";

/** What brokers answer at most unless configured otherwise. */
const PARTITIONS_PER_PAGE = 2000;
const UNKNOWN_SERVER_ERROR = -1;

type PageAnswer = ClusterAnswer<DescribeTopicPartitionsResponse>;

/** @throws UnsupportedVersionError by brokers before 3.8 */
export async function describeByPages(
  { cluster, deadline }: AdminContext,
  names: readonly string[],
  details: TopicDetails,
): Promise<ReadonlyMap<string, TopicOutcome>> {
  // Only of what was asked for: whatever else a broker tells, page after page, is not kept.
  const told = new Map<string, DescribedTopic[]>(names.map((name) => [name, []]));
  let cursor: TopicPartitionsCursor | null = null;
  let broker = "";
  if (names.length === 0) return new Map();
  do {
    // Brokers answer, and go on, in the order of names.
    const from: string = cursor?.topicName ?? "";
    const topics = names.filter((name) => name >= from).map((name) => ({ name }));
    const body = { topics, responsePartitionLimit: PARTITIONS_PER_PAGE, cursor };
    const answer: PageAnswer = await cluster.ask(DescribeTopicPartitions, body, { kind: "any" }, { deadline });
    broker = addressOf(answer);
    for (const topic of answer.body.topics) told.get(topic.name ?? "")?.push(topic);
    cursor = nextCursor(cursor, answer);
    // Behind the last name there is nothing that was asked for; and an empty list would ask for all topics there are.
  } while (cursor !== null && names.some((name) => name >= (cursor?.topicName ?? "")));
  return new Map(names.map((name) => [name, outcomeOf(name, told.get(name) ?? [], broker, details)]));
}

function outcomeOf(name: string, pages: readonly DescribedTopic[], broker: string, details: TopicDetails): TopicOutcome {
  const about = { api: DescribeTopicPartitions.name, topic: name, broker };
  if (pages.length === 0) return missingResult(about);
  const refusal = pages.find(({ errorCode }) => errorCode !== 0);
  return itemError(refusal?.errorCode ?? 0, null, about) ?? descriptionFromPages(pages, name, details);
}

/** Where to go on. A broker that sends us back would keep us going round until the deadline. */
function nextCursor(last: TopicPartitionsCursor | null, answer: PageAnswer): TopicPartitionsCursor | null {
  const next = answer.body.nextCursor;
  if (next === null || last === null) return next;
  const isFurther = next.topicName === last.topicName ? next.partitionIndex > last.partitionIndex : next.topicName > last.topicName;
  if (isFurther) return next;
  const about = {
    api: DescribeTopicPartitions.name,
    topic: next.topicName,
    partition: next.partitionIndex,
    broker: addressOf(answer),
  };
  throw new BrokerError(UNKNOWN_SERVER_ERROR, about, "the broker's cursor does not move on");
}
