import {
  type Draft,
  errorByName,
  Metadata,
  type MetadataRequest,
  type MetadataTopic,
  UnsupportedVersionError,
  ZERO_UUID,
} from "../../protocol/index.ts";
import { BrokerError } from "../errors.ts";
import { addressOf } from "../leaders/item-failure.ts";
import { type AdminContext, itemError } from "./admin-context.ts";
import type { TopicDetails, TopicOutcome } from "./describe-topics.ts";
import { FIRST_VERSION_WITHOUT_CREATION, metadataRequestForAll } from "./metadata-request.ts";
import { descriptionFromMetadata } from "./topic-description.ts";
import { aboutTopic, keyOf, type TopicReference } from "./topic-reference.ts";

const FIRST_VERSION_WITH_OPERATIONS = 8;
const FIRST_VERSION_THAT_TELLS_IDS = 10;
const FIRST_VERSION_THAT_TAKES_IDS = 12;

export async function describeByMetadata(
  { cluster, deadline }: AdminContext,
  topics: readonly TopicReference[],
  details: TopicDetails,
): Promise<ReadonlyMap<string, TopicOutcome>> {
  if (topics.length === 0) return new Map();
  const answer = await cluster.ask(
    Metadata,
    (version) => requestFor(topics, details, version),
    { kind: "any" },
    {
      deadline,
      errorsIn: ({ errorCode }) => [errorCode],
    },
  );
  const told = new Map<string, MetadataTopic>();
  for (const topic of answer.body.topics) {
    if (topic.name !== null) told.set(topic.name, topic);
    if (topic.topicId !== ZERO_UUID) told.set(keyOf({ topicId: topic.topicId }), topic);
  }
  const broker = addressOf(answer);
  return new Map(topics.map((topic) => [keyOf(topic), outcomeOf(topic, told.get(keyOf(topic)), broker)]));
}

function requestFor(
  topics: readonly TopicReference[],
  { includeAuthorizedOperations }: TopicDetails,
  version: number,
): Draft<MetadataRequest> {
  const place = { api: Metadata.name, version };
  if (includeAuthorizedOperations && version < FIRST_VERSION_WITH_OPERATIONS) {
    throw new UnsupportedVersionError(
      "brokers before 2.3 do not tell what the client may do; leave out includeAuthorizedOperations",
      place,
    );
  }
  const hasIds = topics.some((topic) => typeof topic !== "string");
  if (hasIds && version < FIRST_VERSION_THAT_TELLS_IDS) {
    throw new UnsupportedVersionError("brokers before 2.8 know topics by name only", place);
  }
  const canName = version >= (hasIds ? FIRST_VERSION_THAT_TAKES_IDS : FIRST_VERSION_WITHOUT_CREATION);
  if (!canName) return { ...metadataRequestForAll(version), includeTopicAuthorizedOperations: includeAuthorizedOperations };
  return {
    topics: topics.map((topic) => (typeof topic === "string" ? { name: topic } : { name: null, topicId: topic.topicId })),
    allowAutoTopicCreation: false,
    includeTopicAuthorizedOperations: includeAuthorizedOperations,
  };
}

function outcomeOf(reference: TopicReference, topic: MetadataTopic | undefined, broker: string): TopicOutcome {
  const about = { api: Metadata.name, broker, ...aboutTopic(reference) };
  const unknown = errorByName(typeof reference === "string" ? "UNKNOWN_TOPIC_OR_PARTITION" : "UNKNOWN_TOPIC_ID").code;
  if (topic === undefined) return new BrokerError(unknown, about);
  if (topic.name === null) return new BrokerError(topic.errorCode === 0 ? unknown : topic.errorCode, about);
  return itemError(topic.errorCode, null, about) ?? descriptionFromMetadata(topic, topic.name);
}
