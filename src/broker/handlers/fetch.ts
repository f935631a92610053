import {
  type Draft,
  Fetch,
  type FetchableTopicResponse,
  type FetchPartitionData,
  type FetchRequest,
  type FetchResponse,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { answeredRecords } from "../log/fetch/answered-records.ts";
import { type FetchPlan, planFetch } from "../log/fetch/fetch-plan.ts";
import { type FetchResult, failedResult, isFailed } from "../log/fetch/fetch-result.ts";
import { fetchSessionsOf } from "../log/fetch/fetch-sessions-of-node.ts";
import { waitForRecords } from "../log/fetch/fetch-wait.ts";
import { type ReadLimits, readPartition } from "../log/fetch/read-partition.ts";
import { FIRST_VERSION_WITH_TOPIC_IDS, type PartitionKey, type WantedPartition } from "../log/fetch/wanted-partition.ts";
import { LeaderHints } from "../log/served-partition.ts";
import { NO_ANSWER } from "../no-answer.ts";
import type { InjectedFault, RequestContext } from "../request-context.ts";

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const FIRST_VERSION_WITH_SESSIONS = 7;
/** Up to this version batches that do not fit are cut off, in every partition. */
const LAST_VERSION_WITH_HARD_LIMIT = 2;

export const handler: Handler = defineHandler(Fetch, {
  faultScope: "partition",
  // A session knows what its fetches no longer name.
  unnamedPlaces({ sessionId }, { node, cluster }) {
    const session = fetchSessionsOf(node, cluster).get(sessionId);
    const wanted = session?.wanted((topicId) => cluster.topics.byId(topicId)?.name).values() ?? [];
    return [...wanted].flatMap(({ topic, partition }) => (topic === undefined ? [] : [{ topic, partition }]));
  },
  answer(request, context) {
    const { cluster, node, version } = context;
    if (!isIsolationLevel(request)) return this.refuse(request, codeOf("UNKNOWN_SERVER_ERROR"), context);
    const plan = planFetch(request, {
      version,
      topics: cluster.topics,
      sessions: fetchSessionsOf(node, cluster),
      now: () => cluster.clock.now(),
    });
    if (plan.error !== undefined) return responseFrom(plan, [], new LeaderHints(context), context);
    return fetchPlanned(request, plan, context);
  },
  refuse: (request, errorCode, { version }) => ({
    errorCode,
    ...(version >= FIRST_VERSION_WITH_SESSIONS && { sessionId: request.sessionId }),
    // Whoever knows topic ids knows that the first error stands for all.
    responses: version >= FIRST_VERSION_WITH_TOPIC_IDS ? [] : refusedTopics(request, errorCode),
  }),
});

/** Java throws for any other, and nobody expects it. */
function isIsolationLevel({ isolationLevel }: FetchRequest): boolean {
  return isolationLevel === READ_UNCOMMITTED || isolationLevel === READ_COMMITTED;
}

function fetchPlanned(
  request: FetchRequest,
  plan: FetchPlan,
  context: RequestContext,
): Draft<FetchResponse> | Promise<Draft<FetchResponse> | typeof NO_ANSWER> {
  const { erroneous, interesting } = sorted(plan, context);
  const limits = limitsOf(request, context);
  const readAll = (hints: LeaderHints) => readInOrder(interesting, limits, context, hints);
  const hints = new LeaderHints(context);
  const results = readAll(hints);
  const minBytes = Math.min(request.minBytes, limits.maxBytes);
  if (request.maxWaitMs <= 0 || mustAnswer(results, minBytes))
    return responseFrom(plan, [...results, ...erroneous], hints, context);
  const patience = { maxWaitMs: request.maxWaitMs, minBytes, isReadCommitted: limits.isReadCommitted };
  return waitForRecords(results, patience, context).then((canAnswer) => {
    if (!canAnswer) return NO_ANSWER;
    const laterHints = new LeaderHints(context);
    return responseFrom(plan, [...readAll(laterHints), ...erroneous], laterHints, context);
  });
}

interface Interesting {
  readonly key: PartitionKey;
  readonly wanted: WantedPartition;
  readonly fault: InjectedFault | undefined;
}

/** What cannot be read at all is told at the end of the answer; it does not keep a fetch from waiting for the rest. */
function sorted(
  plan: FetchPlan,
  context: RequestContext,
): { readonly erroneous: FetchResult[]; readonly interesting: Interesting[] } {
  const erroneous: FetchResult[] = [];
  const interesting: Interesting[] = [];
  for (const [key, wanted] of plan.wanted) {
    const fault = context.faultAt(wanted.topic ?? "", wanted.partition);
    const topic = wanted.topic === undefined ? undefined : context.cluster.topics.get(wanted.topic);
    if (fault !== undefined || topic?.partition(wanted.partition) !== undefined) interesting.push({ key, wanted, fault });
    else
      erroneous.push(
        unheard(failedResult(key, wanted, wanted.topic === undefined ? "UNKNOWN_TOPIC_ID" : "UNKNOWN_TOPIC_OR_PARTITION")),
      );
  }
  return { erroneous, interesting };
}

/** Kafka leaves the list of aborted transactions empty instead of null where it has not looked for any. */
function unheard(result: FetchResult): FetchResult {
  return { ...result, abortedTransactions: [] };
}

function limitsOf({ isolationLevel, maxBytes }: FetchRequest, { cluster }: RequestContext): ReadLimits {
  return {
    isReadCommitted: isolationLevel === READ_COMMITTED,
    maxBytes: Math.min(maxBytes, cluster.configs.int("fetch.max.bytes")),
    minOneBatch: true,
  };
}

/** Until the first partition that has records, the limits give way to one batch; after it, they hold. */
function readInOrder(
  interesting: readonly Interesting[],
  limits: ReadLimits,
  context: RequestContext,
  hints: LeaderHints,
): FetchResult[] {
  let { maxBytes, minOneBatch } = limits;
  return interesting.map(({ key, wanted, fault }) => {
    const result =
      fault === undefined
        ? readPartition(key, wanted, { ...limits, maxBytes, minOneBatch }, context, hints)
        : failedResult(key, wanted, fault.errorCode);
    const hasRecords = result.records.length > 0;
    if (hasRecords && context.version > LAST_VERSION_WITH_HARD_LIMIT) minOneBatch = false;
    maxBytes = Math.max(0, maxBytes - result.records.length);
    return result;
  });
}

function mustAnswer(results: readonly FetchResult[], minBytes: number): boolean {
  if (results.length === 0) return true;
  let readableBytes = 0;
  for (const result of results) {
    if (isFailed(result) || result.divergingEpoch !== undefined) return true;
    readableBytes += result.readableBytes;
  }
  return readableBytes >= minBytes;
}

function responseFrom(
  plan: FetchPlan,
  all: readonly FetchResult[],
  hints: LeaderHints,
  context: RequestContext,
): Draft<FetchResponse> {
  const { error, sessionId, results } = plan.conclude(all);
  const responses: { topic: string; topicId: string; partitions: Draft<FetchPartitionData>[] }[] = [];
  for (const result of results) {
    const { topic = "", topicId } = result.wanted;
    let last = responses.at(-1);
    if (last === undefined || last.topic !== topic || last.topicId !== topicId) {
      last = { topic, topicId, partitions: [] };
      responses.push(last);
    }
    last.partitions.push(partitionData(result, context));
  }
  const { endpoints } = hints;
  return {
    errorCode: error === undefined ? NONE : codeOf(error),
    sessionId,
    responses,
    ...(endpoints.length > 0 && { nodeEndpoints: endpoints }),
  };
}

function partitionData(result: FetchResult, context: RequestContext): Draft<FetchPartitionData> {
  const { highWatermark, lastStableOffset, logStartOffset, abortedTransactions, divergingEpoch, currentLeader } = result;
  const { errorCode, records } = answeredRecords(result, context);
  const partitionIndex = result.wanted.partition;
  if (errorCode !== result.errorCode) return { partitionIndex, errorCode, highWatermark: -1, records };
  return {
    partitionIndex,
    errorCode,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    abortedTransactions,
    records,
    ...(divergingEpoch !== undefined && { divergingEpoch }),
    ...(currentLeader !== undefined && { currentLeader }),
  };
}

function refusedTopics({ topics }: FetchRequest, errorCode: number): Draft<FetchableTopicResponse>[] {
  return topics.map(({ topic, topicId, partitions }) => ({
    topic,
    topicId,
    partitions: partitions.map(({ partition }) => ({
      partitionIndex: partition,
      errorCode,
      highWatermark: -1,
      records: new Uint8Array(0),
    })),
  }));
}
