import { errorByName, type KafkaError } from "../../../protocol/index.ts";
import { BrokerError, type BrokerErrorContext } from "../../errors.ts";
import type { TopicPartition } from "./open-transaction.ts";
import { meaningOf, type TransactionApi } from "./transaction-errors.ts";

/** What an answer says of one partition. */
export interface PartitionAnswer extends TopicPartition {
  readonly errorCode: number;
}

const UNKNOWN_SERVER_ERROR = errorByName("UNKNOWN_SERVER_ERROR").code;

/** Takes what has succeeded out of `wanted`, and tells the worst of the rest: what cannot be asked again stands before what can. */
export function settlePartitions<P extends TopicPartition>(
  wanted: Map<string, P>,
  answers: readonly PartitionAnswer[],
  api: TransactionApi,
  about: Omit<BrokerErrorContext, "api">,
): KafkaError | undefined {
  // Of one that is answered for twice the first counts.
  const codes = new Map(answers.toReversed().map((answer) => [keyOf(answer), answer.errorCode]));
  let worst: KafkaError | undefined;
  for (const [key, { topic, partition }] of wanted) {
    const code = codes.get(key);
    if (code === 0) {
      wanted.delete(key);
      continue;
    }
    // A broker that says nothing about a partition is broken.
    const note = code === undefined ? "the answer says nothing about it" : null;
    const error = new BrokerError(code ?? UNKNOWN_SERVER_ERROR, { api, topic, partition, ...about }, note);
    if (worst === undefined || isWorse(error, worst, api)) worst = error;
  }
  return worst;
}

/** Which of two to tell: one that says what is wrong, rather than that somebody else was at fault. */
function isWorse(one: KafkaError, other: KafkaError, api: TransactionApi): boolean {
  const order = ["again", "abortable", "new epoch", "fatal", "fenced"];
  const [mine, theirs] = [meaningOf(one, api), meaningOf(other, api)].map((meaning) => order.indexOf(meaning));
  if (mine !== theirs) return (mine ?? 0) > (theirs ?? 0);
  return other.code === "OPERATION_NOT_ATTEMPTED" && one.code !== other.code;
}

export function byKey<P extends TopicPartition>(partitions: readonly P[]): Map<string, P> {
  return new Map(partitions.map((one) => [keyOf(one), one]));
}

/** As requests have them: by topic. */
export function byTopic<P extends TopicPartition>(partitions: Iterable<P>): ReadonlyMap<string, readonly P[]> {
  const topics = new Map<string, P[]>();
  for (const one of partitions) {
    const ofTopic = topics.get(one.topic) ?? [];
    topics.set(one.topic, ofTopic);
    ofTopic.push(one);
  }
  return topics;
}

/** No topic's name has a space. */
function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}
