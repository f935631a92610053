/** One Fetch request, from questions to bytes. */
import { type Draft, encodeRequest, Fetch, type FetchRequest, ZERO_UUID } from "../../../protocol/index.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import type { PartitionQuestion } from "./asked-partition.ts";
import type { SessionRequest } from "./fetch-session.ts";

/** The first version with sessions. */
export const FIRST_VERSION_WITH_SESSIONS = 7;
/** The first version that names topics by their ids. */
export const FIRST_VERSION_WITH_IDS = 13;

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
}

export function encodeFetch(
  version: number,
  config: ResolvedConsumerConfig,
  request: SessionRequest<PartitionQuestion>,
  limits: FetchLimits,
): Uint8Array {
  const { sessionId, sessionEpoch, named, forgotten } = request;
  const body: Draft<FetchRequest> = {
    ...limits,
    isolationLevel: config.isolationLevel === "read_committed" ? READ_COMMITTED : READ_UNCOMMITTED,
    sessionId,
    sessionEpoch,
    rackId: config.clientRack,
    topics: byTopic(version, named, questionOf),
    forgottenTopicsData: byTopic(version, forgotten, ({ partition }) => partition),
  };
  return encodeRequest({ api: Fetch, version, correlationId: 0, clientId: config.clientId }, body);
}

/** The order is kept, for it is the order in which partitions are served: a topic may come more than once. */
function byTopic<Question extends PartitionQuestion, Entry>(
  version: number,
  questions: readonly Question[],
  entryOf: (question: Question) => Entry,
): { readonly topic?: string; readonly topicId?: string; readonly partitions: readonly Entry[] }[] {
  const topics: { readonly topic?: string; readonly topicId?: string; readonly partitions: Entry[] }[] = [];
  let last: Question | undefined;
  let partitions: Entry[] = [];
  for (const question of questions) {
    if (last?.topic !== question.topic || last.topicId !== question.topicId) {
      partitions = [];
      const { topic, topicId = ZERO_UUID } = question;
      topics.push(version < FIRST_VERSION_WITH_IDS ? { topic, partitions } : { topicId, partitions });
    }
    partitions.push(entryOf(question));
    last = question;
  }
  return topics;
}

function questionOf({
  partition,
  leaderEpoch,
  offset,
  maxBytes,
}: PartitionQuestion): Draft<FetchRequest["topics"][0]["partitions"][0]> {
  return { partition, currentLeaderEpoch: leaderEpoch, fetchOffset: offset, partitionMaxBytes: maxBytes };
}
