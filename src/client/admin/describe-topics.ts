import { KafkaError, Metadata } from "../../protocol/index.ts";
import { missingResult } from "../leaders/item-failure.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems } from "./arguments.ts";
import { describeByMetadata } from "./describe-topics-by-metadata.ts";
import { describeByPages } from "./describe-topics-by-pages.ts";
import { unlessUnsupported } from "./fallback.ts";
import { askUntilKnown } from "./fresh-topics.ts";
import { type ItemResult, settledItems } from "./item-result.ts";
import type { TopicDescription } from "./topic-description.ts";
import { aboutTopic, checkTopicReferences, identityOf, keyOf, type TopicIdentity, type TopicReference } from "./topic-reference.ts";

export interface DescribeTopicsOptions extends CallOptions {
  /** Whether to tell what the client may do with each topic. Brokers before 2.3 cannot. */
  readonly includeAuthorizedOperations?: boolean;
}

export interface TopicDetails {
  readonly includeAuthorizedOperations: boolean;
}

export type TopicOutcome = TopicDescription | KafkaError;

/**
 * DescribeTopicPartitions, which brokers have since 3.8, goes by pages and knows more; it wants names. Metadata answers everything else.
 * Either way a broker answers from what it knows: of a topic that was created a moment ago it may know nothing yet.
 */
export async function describeTopics(
  context: AdminContext,
  topics: readonly TopicReference[],
  { includeAuthorizedOperations = false }: DescribeTopicsOptions = {},
): Promise<readonly ItemResult<TopicIdentity, TopicDescription>[]> {
  const details = { includeAuthorizedOperations };
  const nameOf = (topic: TopicReference): string | undefined => (typeof topic === "string" ? topic : undefined);
  const outcomes = await askUntilKnown(context, topics, nameOf, (some) => describeOnce(context, some, details));
  return settledItems(
    topics.map((topic) => {
      const outcome = outcomes.get(topic) ?? missingResult({ api: Metadata.name, ...aboutTopic(topic) });
      return outcome instanceof KafkaError ? { ...identityOf(topic), error: outcome } : outcome;
    }),
  );
}

async function describeOnce(
  context: AdminContext,
  topics: readonly TopicReference[],
  details: TopicDetails,
): Promise<ReadonlyMap<TopicReference, TopicOutcome>> {
  const names = topics.filter((topic) => typeof topic === "string");
  // Brokers take names or ids, and of a mixture the ids only.
  const ids = topics.filter((topic) => typeof topic !== "string");
  const [byName, byId] = await Promise.all([
    unlessUnsupported(
      () => describeByPages(context, names, details),
      () => describeByMetadata(context, names, details),
    ),
    describeByMetadata(context, ids, details),
  ]);
  const told = new Map([...byName, ...byId]);
  return new Map(
    topics.flatMap((topic) => {
      const outcome = told.get(keyOf(topic));
      return outcome === undefined ? [] : [[topic, outcome] as const];
    }),
  );
}

export function checkTopicsToDescribe(topics: readonly TopicReference[]): void {
  const problems = new ArgumentProblems("describeTopics");
  checkTopicReferences(problems, topics);
  problems.throwIfAny();
}
