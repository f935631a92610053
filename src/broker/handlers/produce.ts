import {
  type Draft,
  type ErrorName,
  Produce,
  type ProduceRequest,
  type ProduceResponse,
  type ProduceTopic,
  ZERO_UUID,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import type { Topic } from "../cluster/topic.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { AppendRefusal } from "../log/append-refusal.ts";
import { faultAnswer, type ProduceOrder, producePartition, refused } from "../log/produce/produce-partition.ts";
import { transactionalProducers } from "../log/produce/received-batch.ts";
import { UnfoldBudget } from "../log/produce/unfold-budget.ts";
import { LeaderHints } from "../log/served-partition.ts";
import { NO_ANSWER } from "../no-answer.ts";
import type { RequestContext } from "../request-context.ts";

const FIRST_VERSION_WITH_TOPIC_IDS = 13;

export const handler: Handler = defineHandler(Produce, {
  faultScope: "partition",
  answer(request, context) {
    const response = refusalOfAll(request) ?? appendAll(request, context);
    if (request.acks !== 0) return response;
    // Nobody reads an answer; that something went wrong shows in the end of the connection.
    if (hasError(response)) context.connection.destroy("a Produce request with acks 0 failed");
    return NO_ANSWER;
  },
  refuse: (request, errorCode, context) => {
    const response = refuseAll(request, errorCode, null);
    if (request.acks !== 0) return response;
    context.connection.destroy("a Produce request with acks 0 failed");
    return response;
  },
});

function appendAll(request: ProduceRequest, context: RequestContext): Draft<ProduceResponse> {
  const { acks, transactionalId } = request;
  const budget = new UnfoldBudget(bytesOfRecords(request));
  const order: ProduceOrder = { acks, transactionalId, context, hints: new LeaderHints(context), budget };
  const responses = request.topicData.map((asked) => ({
    name: asked.name,
    topicId: asked.topicId,
    partitionResponses: partitionAnswers(asked, order),
  }));
  const { endpoints } = order.hints;
  return endpoints.length === 0 ? { responses } : { responses, nodeEndpoints: endpoints };
}

function bytesOfRecords({ topicData }: ProduceRequest): number {
  let bytes = 0;
  for (const { partitionData } of topicData) for (const { records } of partitionData) bytes += records?.length ?? 0;
  return bytes;
}

function partitionAnswers(asked: ProduceTopic, order: ProduceOrder) {
  const { context } = order;
  const isById = context.version >= FIRST_VERSION_WITH_TOPIC_IDS;
  const topic: Topic | undefined = isById ? context.cluster.topics.byId(asked.topicId) : context.cluster.topics.get(asked.name);
  return asked.partitionData.map((partition) => {
    const fault = context.faultAt(topic?.name ?? asked.name, partition.index);
    if (fault !== undefined && !fault.afterApply) return faultAnswer(partition.index, fault);
    if (topic === undefined && isById && asked.topicId !== ZERO_UUID) return refused(partition.index, "UNKNOWN_TOPIC_ID");
    const answer = producePartition(partition, topic, order);
    return fault === undefined ? answer : faultAnswer(partition.index, fault);
  });
}

/** What is wrong with the request as a whole: then no partition of it is looked at. */
function refusalOfAll(request: ProduceRequest): Draft<ProduceResponse> | undefined {
  try {
    const producers = transactionalProducers(
      request.topicData.flatMap(({ partitionData }) => partitionData.map(({ records }) => records)),
    );
    if (producers.size === 0) return undefined;
    if (request.transactionalId === null) return refuseAllFor(request, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
    return producers.size > 1 ? refuseAllFor(request, "INVALID_PRODUCER_ID_MAPPING") : undefined;
  } catch (error) {
    if (error instanceof AppendRefusal) return refuseAll(request, codeOf(error.errorName), error.message);
    throw error;
  }
}

function refuseAllFor(request: ProduceRequest, error: ErrorName): Draft<ProduceResponse> {
  return refuseAll(request, codeOf(error), null);
}

function refuseAll(request: ProduceRequest, errorCode: number, errorMessage: string | null): Draft<ProduceResponse> {
  return {
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1, errorMessage })),
    })),
  };
}

function hasError({ responses = [] }: Draft<ProduceResponse>): boolean {
  return responses.some(({ partitionResponses = [] }) => partitionResponses.some(({ errorCode = NONE }) => errorCode !== NONE));
}
