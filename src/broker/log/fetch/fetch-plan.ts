/** What a Fetch request asks for, by itself or together with its session, and how its answer is cut down to what is news. */
import type { ErrorName, FetchRequest } from "../../../protocol/index.ts";
import type { Topics } from "../../cluster/topics.ts";
import type { FetchResult } from "./fetch-result.ts";
import { epochAfter, type FetchSession } from "./fetch-session.ts";
import type { FetchSessionCache } from "./fetch-session-cache.ts";
import {
  FIRST_VERSION_WITH_TOPIC_IDS,
  forgottenPartitions,
  type PartitionKey,
  type WantedPartition,
  wantedPartitions,
} from "./wanted-partition.ts";

export interface FetchOutcome {
  readonly error?: ErrorName;
  readonly sessionId: number;
  readonly results: readonly FetchResult[];
}

export interface FetchPlan {
  readonly wanted: ReadonlyMap<PartitionKey, WantedPartition>;
  /** Set when nothing is to be read: the request's session is not what it says. */
  readonly error?: ErrorName;
  conclude(results: readonly FetchResult[]): FetchOutcome;
}

export interface FetchParties {
  readonly sessions: FetchSessionCache;
  readonly topics: Topics;
  readonly version: number;
  readonly now: () => number;
}

/** `sessionId` of a fetch outside any session, or that opens one. */
const NO_SESSION = 0;
/** `sessionEpoch` that opens a session. */
const INITIAL_EPOCH = 0;
/** `sessionEpoch` that wants no session, or no longer. */
const FINAL_EPOCH = -1;

export function planFetch(request: FetchRequest, parties: FetchParties): FetchPlan {
  const wanted = wantedPartitions(request, parties.version, parties.topics);
  const { sessionId, sessionEpoch } = request;
  if (sessionEpoch !== INITIAL_EPOCH && sessionEpoch !== FINAL_EPOCH) return incremental(request, wanted, parties);
  // A full fetch ends the session that it names.
  if (sessionId !== NO_SESSION) parties.sessions.remove(sessionId);
  return sessionEpoch === FINAL_EPOCH ? sessionless(wanted) : opening(request, wanted, parties);
}

function sessionless(wanted: ReadonlyMap<PartitionKey, WantedPartition>): FetchPlan {
  return { wanted, conclude: (results) => ({ sessionId: NO_SESSION, results }) };
}

function failing(error: ErrorName): FetchPlan {
  return { wanted: new Map(), error, conclude: () => ({ error, sessionId: NO_SESSION, results: [] }) };
}

function opening(request: FetchRequest, wanted: ReadonlyMap<PartitionKey, WantedPartition>, parties: FetchParties): FetchPlan {
  return {
    wanted,
    conclude(results) {
      const session = parties.sessions.create({
        isPrivileged: isFromBroker(request),
        usesTopicIds: parties.version >= FIRST_VERSION_WITH_TOPIC_IDS,
        nowMs: parties.now(),
        results,
      });
      return { sessionId: session?.id ?? NO_SESSION, results };
    },
  };
}

function incremental(request: FetchRequest, wanted: ReadonlyMap<PartitionKey, WantedPartition>, parties: FetchParties): FetchPlan {
  const { sessions, topics, version, now } = parties;
  const session = sessions.get(request.sessionId);
  if (session === undefined) return failing("FETCH_SESSION_ID_NOT_FOUND");
  if (session.epoch !== request.sessionEpoch) return failing("INVALID_FETCH_SESSION_EPOCH");
  if (session.usesTopicIds !== version >= FIRST_VERSION_WITH_TOPIC_IDS) return failing("FETCH_SESSION_TOPIC_ID_ERROR");
  session.update(wanted, forgottenPartitions(request, version));
  if (session.size === 0) {
    sessions.remove(session.id);
    return sessionless(wanted);
  }
  session.lastUsedMs = now();
  session.advanceEpoch();
  return {
    wanted: session.wanted((topicId) => topics.byId(topicId)?.name),
    conclude: (results) => concludeIncremental(session, request.sessionEpoch, results),
  };
}

function concludeIncremental(session: FetchSession, requestEpoch: number, results: readonly FetchResult[]): FetchOutcome {
  // Another fetch has come in the meantime: this one was a repetition, or the other is.
  if (session.epoch !== epochAfter(requestEpoch))
    return { error: "INVALID_FETCH_SESSION_EPOCH", sessionId: session.id, results: [] };
  return { sessionId: session.id, results: session.news(results) };
}

/** Brokers name themselves; consumers are -1. */
function isFromBroker({ replicaId, replicaState }: FetchRequest): boolean {
  return replicaId >= 0 || replicaState.replicaId >= 0;
}
