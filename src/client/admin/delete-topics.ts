import {
  type DeleteTopicResult,
  DeleteTopics,
  type DeleteTopicsRequest,
  type Draft,
  errorByName,
  KafkaError,
  UnsupportedVersionError,
  ZERO_UUID,
} from "../../protocol/index.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems } from "./arguments.ts";
import { askController } from "./controller-call.ts";
import { type ItemResult, settledItems } from "./item-result.ts";
import {
  aboutTopic,
  checkTopicReferences,
  identityOf,
  keyOf,
  type TopicIdentity,
  type TopicReference,
  topicIdOrUndefined,
} from "./topic-reference.ts";

export interface DeleteTopicsOptions extends CallOptions {
  /** Whether to wait and ask again when a quota is exceeded (KIP-599). Default true. */
  readonly retryOnQuotaViolation?: boolean;
}

/**
 * An answer may be lost after the broker has done its work. The request is then sent again, as Java's client does, and a topic that
 * the first attempt has deleted fails as unknown, in a message that says that this may be so.
 */
export async function deleteTopics(
  context: AdminContext,
  topics: readonly TopicReference[],
  options: DeleteTopicsOptions = {},
): Promise<readonly ItemResult<TopicIdentity>[]> {
  const asked = new Map(topics.map((topic) => [keyOf(topic), topic]));
  const outcomes = await askController(context, {
    api: DeleteTopics,
    items: asked,
    body: requestFor,
    rows: ({ responses }) => responses.map((row) => ({ ...row, key: keyOfRow(row, asked) })),
    describe: (key) => aboutTopic(asked.get(key) ?? key),
    retryOnQuotaViolation: options.retryOnQuotaViolation,
    tracesOfLostAnswer: {
      errorCodes: [errorByName("UNKNOWN_TOPIC_OR_PARTITION").code, errorByName("UNKNOWN_TOPIC_ID").code],
      note: "an earlier attempt of this call got no answer and may have deleted it",
    },
  });
  for (const { outcome } of outcomes) {
    if (!(outcome instanceof KafkaError) && outcome.name !== null) context.freshTopics.deleted(outcome.name);
  }
  return settledItems(
    outcomes.map(({ item, outcome }) =>
      outcome instanceof KafkaError
        ? { ...identityOf(item), error: outcome }
        : { name: outcome.name ?? undefined, topicId: topicIdOrUndefined(outcome.topicId) },
    ),
  );
}

export function checkTopicsToDelete(topics: readonly TopicReference[]): void {
  const problems = new ArgumentProblems("deleteTopics");
  checkTopicReferences(problems, topics);
  problems.throwIfAny();
}

const FIRST_VERSION_WITH_IDS = 6;

function requestFor(topics: readonly TopicReference[], version: number, timeoutMs: number): Draft<DeleteTopicsRequest> {
  if (version >= FIRST_VERSION_WITH_IDS) {
    return {
      topics: topics.map((topic) => (typeof topic === "string" ? { name: topic, topicId: ZERO_UUID } : { name: null, ...topic })),
      timeoutMs,
    };
  }
  const topicNames = topics.flatMap((topic) => (typeof topic === "string" ? [topic] : []));
  if (topicNames.length === topics.length) return { topicNames, timeoutMs };
  throw new UnsupportedVersionError("brokers before 2.8 delete topics by name only", { api: DeleteTopics.name, version });
}

/** A topic that was asked for by id is answered with its name, too, if it exists. */
function keyOfRow({ name, topicId }: DeleteTopicResult, asked: ReadonlyMap<string, TopicReference>): string {
  return name !== null && asked.has(name) ? name : keyOf({ topicId });
}
