import {
  type DeletableTopic,
  type DeleteTopicResult,
  DeleteTopics,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  type Draft,
  ZERO_UUID,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { type Refusal, refusal } from "../cluster/refusal.ts";
import type { Topic } from "../cluster/topic.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(DeleteTopics, {
  faultScope: "topic",
  answer(request, context) {
    if (!context.cluster.configs.boolean("delete.topic.enable")) {
      return refused(request, codeOf(context.version < 3 ? "INVALID_REQUEST" : "TOPIC_DELETION_DISABLED"));
    }
    const asked = askedFor(request);
    const [byName, byId] = [asked.filter(({ topicId }) => topicId === ZERO_UUID), asked.filter(({ name }) => name === null)];
    const ids = timesOf(byId.map(({ topicId }) => topicId));
    ids.delete(ZERO_UUID);
    const names = timesOf(byName.flatMap(({ name }) => (name === null ? [] : [name])));
    // A topic that is asked for in both ways is answered once, by name.
    const namedIds = new Set(
      [...names].flatMap(([name, times]) => (times === 1 ? (context.cluster.topics.get(name)?.id ?? []) : [])),
    );
    return {
      responses: [
        ...asked.flatMap(refusedOutright),
        ...[...ids].filter(([id]) => !namedIds.has(id)).map(([id, times]) => deletedById(id, times, context)),
        ...Array.from(names, ([name, times]) => deletedByName(name, times, ids, context)),
      ],
    };
  },
  refuse: refused,
});

function refused(request: DeleteTopicsRequest, errorCode: number): Draft<DeleteTopicsResponse> {
  return { responses: askedFor(request).map(({ name, topicId }) => ({ name, topicId, errorCode, errorMessage: null })) };
}

/** Up to v5 topics are named; from then on each is named or has its id given. */
function askedFor({ topics, topicNames }: DeleteTopicsRequest): readonly DeletableTopic[] {
  return [...topics, ...topicNames.map((name) => ({ name, topicId: ZERO_UUID }))];
}

function refusedOutright({ name, topicId }: DeletableTopic): readonly Draft<DeleteTopicResult>[] {
  const hasId = topicId !== ZERO_UUID;
  if (name === null && !hasId)
    return [result(name, topicId, refusal("INVALID_REQUEST", "Neither topic name nor id were specified."))];
  if (name === null || !hasId) return [];
  return [result(name, topicId, refusal("INVALID_REQUEST", "You may not specify both topic name and topic id."))];
}

function deletedById(id: string, times: number, context: RequestContext): Draft<DeleteTopicResult> {
  if (times > 1) return result(null, id, refusal("INVALID_REQUEST", "Duplicate topic id."));
  const topic = context.cluster.topics.byId(id);
  return topic === undefined ? result(null, id, refusal("UNKNOWN_TOPIC_ID")) : deleted(topic, context);
}

function deletedByName(
  name: string,
  times: number,
  ids: ReadonlyMap<string, number>,
  context: RequestContext,
): Draft<DeleteTopicResult> {
  if (times > 1) return result(name, ZERO_UUID, refusal("INVALID_REQUEST", "Duplicate topic name."));
  const topic = context.cluster.topics.get(name);
  if (topic === undefined) {
    const fault = context.faultAt(name);
    const { errorCode, message: errorMessage = null } = fault ?? {};
    const missing = result(name, ZERO_UUID, refusal("UNKNOWN_TOPIC_OR_PARTITION"));
    return errorCode === undefined ? missing : { ...missing, errorCode, errorMessage };
  }
  if (!ids.has(topic.id)) return deleted(topic, context);
  return result(name, topic.id, refusal("INVALID_REQUEST", "The provided topic name maps to an ID that was already supplied."));
}

function deleted(topic: Topic, context: RequestContext): Draft<DeleteTopicResult> {
  const { name, id: topicId } = topic;
  const fault = context.faultAt(name);
  if (fault === undefined || fault.afterApply) context.cluster.topics.delete(topic);
  return { name, topicId, errorCode: fault?.errorCode ?? NONE, errorMessage: fault?.message ?? null };
}

function result(name: string | null, topicId: string, { error, message }: Refusal): Draft<DeleteTopicResult> {
  return { name, topicId, errorCode: codeOf(error), errorMessage: message };
}

function timesOf(keys: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1);
  return times;
}
