/** Asking which topics and partitions there are, without making any by asking. */
import { errorByName, Metadata, type MetadataResponse } from "../../../protocol/index.ts";
import { metadataRequestForAll, metadataRequestForNames } from "../../admin/metadata-request.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { Cluster, ClusterAnswer } from "../../cluster/cluster.ts";
import { BrokerError } from "../../errors.ts";

const UNKNOWN_TOPIC = errorByName("UNKNOWN_TOPIC_OR_PARTITION").code;

export interface ListedTopic {
  readonly name: string;
  /** Kafka keeps its own books in it. */
  readonly isInternal: boolean;
}

/** All that the client may see. */
export async function allTopics(cluster: Cluster, deadline: Deadline): Promise<readonly ListedTopic[]> {
  const errorsIn = ({ errorCode }: MetadataResponse): readonly number[] => [errorCode];
  const answer = await cluster.ask(Metadata, metadataRequestForAll, { kind: "any" }, { deadline, errorsIn });
  checkWhole(answer);
  return answer.body.topics.flatMap(({ name, isInternal }) => (name === null ? [] : [{ name, isInternal }]));
}

/** None if there is no such topic. @throws BrokerError if it cannot be had */
export async function partitionsOf(topic: string, cluster: Cluster, deadline: Deadline): Promise<readonly number[]> {
  const known = cluster.metadata.topics.get(topic);
  if (known !== undefined) return known.partitions.map(({ partition }) => partition);
  const answer = await cluster.ask(
    Metadata,
    (version) => metadataRequestForNames([topic], version),
    { kind: "any" },
    { deadline, errorsIn: ({ errorCode, topics }) => [errorCode, ...topics.map((one) => one.errorCode)].filter(isNotMissing) },
  );
  checkWhole(answer);
  const found = answer.body.topics.find(({ name }) => name === topic);
  if (found === undefined || found.errorCode === UNKNOWN_TOPIC) return [];
  if (found.errorCode !== 0) throw new BrokerError(found.errorCode, { api: Metadata.name, broker: addressOf(answer), topic });
  return found.partitions.map(({ partitionIndex }) => partitionIndex).sort((one, other) => one - other);
}

/** From here on topics can be asked for by their ids. */
const FIRST_VERSION_BY_ID = 12;

/** Those that the broker knows; by their ids. */
export async function namesOf(
  topicIds: readonly string[],
  cluster: Cluster,
  deadline: Deadline,
): Promise<ReadonlyMap<string, string>> {
  const body = { topics: topicIds.map((topicId) => ({ topicId, name: null })), allowAutoTopicCreation: false };
  const errorsIn = ({ errorCode }: MetadataResponse): readonly number[] => [errorCode];
  const limits = { atLeast: FIRST_VERSION_BY_ID };
  const answer = await cluster.ask(Metadata, body, { kind: "any" }, { deadline, errorsIn, limits });
  checkWhole(answer);
  return new Map(answer.body.topics.flatMap(({ topicId, name }) => (name === null ? [] : [[topicId, name] as const])));
}

/** That a topic is not there is an answer, and asking again would not help. */
function isNotMissing(code: number): boolean {
  return code !== UNKNOWN_TOPIC;
}

/** An answer that failed as a whole has no topics in it, which does not mean that there are none. */
function checkWhole(answer: ClusterAnswer<MetadataResponse>): void {
  const { errorCode } = answer.body;
  if (errorCode !== 0) throw new BrokerError(errorCode, { api: Metadata.name, broker: addressOf(answer) });
}

function addressOf({ broker: { host, port } }: ClusterAnswer<MetadataResponse>): string {
  return `${host}:${port}`;
}
