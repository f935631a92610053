import { ZERO_UUID } from "../../protocol/index.ts";
import { type ArgumentProblems, quoted } from "./arguments.ts";

/** A topic by its name, or (brokers since 2.8) by its id: then it cannot be mistaken for one that was made anew under the same name. */
export type TopicReference = string | { readonly topicId: string };

/** How a result says which topic it is about; of a topic that was asked for by id and failed, the name is not known. */
export interface TopicIdentity {
  readonly name: string | undefined;
  readonly topicId: string | undefined;
}

/** No topic's name has a colon. */
const ID_PREFIX = "id:";
const TOPIC_ID = /^[A-Za-z0-9_-]{22}$/;

export function identityOf(topic: TopicReference): TopicIdentity {
  return typeof topic === "string" ? { name: topic, topicId: undefined } : { name: undefined, topicId: topic.topicId };
}

/** What tells references apart, whether by name or by id. */
export function keyOf(topic: TopicReference): string {
  return typeof topic === "string" ? topic : `${ID_PREFIX}${topic.topicId}`;
}

/** For the context of errors. */
export function aboutTopic(topic: TopicReference): { readonly topic: string } | { readonly resource: string } {
  return typeof topic === "string" ? { topic } : { resource: `topic id ${topic.topicId}` };
}

export function topicIdOrUndefined(topicId: string): string | undefined {
  return topicId === ZERO_UUID ? undefined : topicId;
}

export function checkTopicReferences(problems: ArgumentProblems, topics: readonly TopicReference[]): void {
  problems.requireList("['orders']", topics, () => true);
  const names = topics.filter((topic) => typeof topic === "string" || typeof topic !== "object" || topic === null);
  problems.requireNames("topic", names);
  const ids = topics.flatMap((topic) => (typeof topic === "object" && topic !== null ? [topic.topicId] : []));
  for (const id of ids) {
    const isId = typeof id === "string" && TOPIC_ID.test(id) && id !== ZERO_UUID;
    problems.require(isId, () => `a topic id has 22 letters, digits, dashes and underscores, and is not all A: not ${quoted(id)}`);
  }
  problems.require(new Set(ids).size === ids.length, () => "a topic id is named twice");
}
