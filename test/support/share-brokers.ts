// Brokers with share groups, as a test writes them: two nodes in memory on a held clock, that answer what they are told to.
// The embedded broker has no share groups.

import { HeldClock } from "../../src/broker/index.ts";
import type { SocketReader, Transport } from "../../src/client/connection/transport.ts";
import {
  type AnyApi,
  ApiVersions,
  apis,
  type DecodedRequest,
  type Draft,
  decodeRequest,
  FindCoordinator,
  Metadata,
  type ShareAcknowledgeRequest,
  type ShareAcknowledgeResponse,
  type ShareFetchRequest,
  type ShareFetchResponse,
  type ShareGroupHeartbeatResponse,
} from "../../src/protocol/index.ts";
import { batchOf } from "./fetched-records.ts";
import { answerFrame, ScriptedSocket } from "./scripted-socket.ts";

export const TOPIC = "orders";
export const TOPIC_ID = "AAAAAAAAQACAAAAAAAAAAQ";
export const LOCK_MS = 30_000;
const FIRST_PORT = 9092;
const INTERVAL_MS = 5_000;

/** Instead of an answer: the connection ends, or nothing comes. */
export type Trouble = "hang up" | "silence";
type Fetched = Draft<ShareFetchResponse> | Trouble;
type Acknowledged = Draft<ShareAcknowledgeResponse> | Trouble;

interface Reply {
  readonly body: object | Trouble;
  readonly delayMs?: number;
}

/** A request of a share session, as people read it. */
export interface SeenRequest {
  readonly node: number;
  /** `fetch 0 [0 1] -[2]`: epoch, named partitions, forgotten ones; with acknowledgements `0:0-2=1`. */
  readonly text: string;
  readonly atMs: number;
}

class ShareSocket extends ScriptedSocket {
  readonly #onFrame: (frame: Uint8Array) => void;

  constructor(reader: SocketReader, onFrame: (frame: Uint8Array, socket: ShareSocket) => void) {
    super(reader);
    this.#onFrame = (frame) => onFrame(frame, this);
  }

  override write(pieces: readonly Uint8Array[], onSent?: (error?: Error) => void): boolean {
    const isFree = super.write(pieces, onSent);
    this.#onFrame(this.frames.at(-1)!);
    return isFree;
  }
}

export class ShareBrokers {
  readonly clock: HeldClock = new HeldClock();
  readonly seen: SeenRequest[] = [];
  /** Epochs of the heartbeats. */
  readonly beats: number[] = [];
  /** By partition. */
  leaders: readonly number[] = [1];
  leaderEpoch = 1;
  /** What the coordinator assigns with the next heartbeat. */
  assigned: readonly number[] = [0];
  /** Before the ordinary answer; each for one request. */
  readonly heartbeats: Draft<ShareGroupHeartbeatResponse>[] = [];
  /** For each node: what its next fetches and acknowledgements are answered with; then nothing new, and that all is well. */
  readonly fetches: Map<number, Fetched[]> = new Map();
  readonly acknowledgements: Acknowledged[] = [];
  /** The newest version of ShareFetch and ShareAcknowledge; 0 for brokers without share groups. */
  shareVersion = 2;
  /** What a test says is answered after so long. */
  answerAfterMs = 0;
  /** A fetch without records is answered after so long, whatever it asks for; undefined for as it asks. */
  emptyAfterMs: number | undefined;
  #told: string | undefined;

  get transport(): Transport {
    return {
      connect: ({ port }, reader) =>
        Promise.resolve(new ShareSocket(reader, (frame, socket) => this.#take(frame, socket, port - FIRST_PORT + 1))),
    };
  }

  /** The next answer of a node to a fetch: a batch of records that are all acquired. */
  give(node: number, partition: number, baseOffset: number, ...values: readonly string[]): void {
    const lastOffset = baseOffset + values.length - 1;
    this.answerFetch(
      node,
      answerOf(partition, batchOf(baseOffset, values), [{ firstOffset: baseOffset, lastOffset, deliveryCount: 1 }]),
    );
  }

  answerFetch(node: number, answer: Fetched): void {
    this.fetches.set(node, [...(this.fetches.get(node) ?? []), answer]);
  }

  /** Of the requests so far, and forgets them. */
  takeSeen(): readonly string[] {
    return this.seen.splice(0).map(({ node, text }) => `${node} ${text}`);
  }

  #take(frame: Uint8Array, socket: ShareSocket, node: number): void {
    const request = decodeRequest(frame);
    const { body, delayMs = 0 } = this.#replyTo(request, node);
    this.clock.schedule(delayMs, () => {
      if (body === "hang up") socket.hangUp(new Error("the broker is gone"));
      else if (body !== "silence") socket.give(answerFrame(apis[request.api], request.version, request.correlationId, body));
    });
  }

  #replyTo(request: DecodedRequest, node: number): Reply {
    switch (request.api) {
      case "ApiVersions":
        return { body: this.#versions() };
      case "Metadata":
        return { body: this.#metadata() };
      case "FindCoordinator":
        return { body: { coordinators: [{ key: "workers", nodeId: 1, host: "node", port: FIRST_PORT }] } };
      case "ShareGroupHeartbeat":
        return { body: this.#heartbeat(request) };
      case "ShareFetch":
        return this.#fetch(request, node);
      case "ShareAcknowledge":
        return { body: this.#acknowledge(request, node) };
      default:
        throw new Error(`nobody has said how ${request.api} is answered`);
    }
  }

  #versions(): object {
    const range = (api: AnyApi, maxVersion: number): object => ({
      apiKey: api.key,
      minVersion: Math.min(1, maxVersion),
      maxVersion,
    });
    const known = [
      { apiKey: ApiVersions.key, minVersion: 0, maxVersion: 4 },
      { apiKey: Metadata.key, minVersion: 10, maxVersion: 13 },
      { apiKey: FindCoordinator.key, minVersion: 4, maxVersion: 6 },
    ];
    if (this.shareVersion === 0) return { apiKeys: known };
    const { ShareGroupHeartbeat, ShareFetch, ShareAcknowledge } = apis;
    const share = [range(ShareGroupHeartbeat, 1), range(ShareFetch, this.shareVersion), range(ShareAcknowledge, this.shareVersion)];
    return { apiKeys: [...known, ...share] };
  }

  #metadata(): object {
    const nodes = [1, 2].map((nodeId) => ({ nodeId, host: "node", port: FIRST_PORT + nodeId - 1 }));
    const partitions = this.leaders.map((leaderId, partitionIndex) => ({
      partitionIndex,
      leaderId,
      leaderEpoch: this.leaderEpoch,
      replicaNodes: [1, 2],
      isrNodes: [1, 2],
    }));
    return { brokers: nodes, clusterId: "cluster", controllerId: 1, topics: [{ name: TOPIC, topicId: TOPIC_ID, partitions }] };
  }

  #heartbeat({ body }: DecodedRequest): object {
    const { memberEpoch } = bodyOf<{ readonly memberEpoch: number }>(body);
    this.beats.push(memberEpoch);
    const scripted = this.heartbeats.shift();
    if (scripted !== undefined) return scripted;
    if (memberEpoch < 0) return { memberEpoch };
    const said = this.assigned.join();
    const isNews = memberEpoch === 0 || said !== this.#told;
    this.#told = said;
    const assignment = isNews ? { topicPartitions: [{ topicId: TOPIC_ID, partitions: this.assigned }] } : null;
    return { memberEpoch: Math.max(1, memberEpoch), heartbeatIntervalMs: INTERVAL_MS, assignment };
  }

  #fetch({ body }: DecodedRequest, node: number): Reply {
    const request = bodyOf<ShareFetchRequest>(body);
    this.#note(
      node,
      "fetch",
      request,
      request.forgottenTopicsData.flatMap(({ partitions }) => partitions),
    );
    const scripted = this.fetches.get(node)?.shift();
    const acknowledged = resultsOf(request);
    if (typeof scripted === "string") return { body: scripted };
    if (scripted !== undefined) return { body: merged(scripted, acknowledged), delayMs: this.answerAfterMs };
    const delayMs = acknowledged.length > 0 ? 0 : (this.emptyAfterMs ?? request.maxWaitMs);
    return { body: merged({}, acknowledged), delayMs };
  }

  #acknowledge({ body }: DecodedRequest, node: number): object | Trouble {
    const request = bodyOf<ShareAcknowledgeRequest>(body);
    this.#note(node, request.isRenewAck ? "renew" : "acknowledge", request, []);
    return this.acknowledgements.shift() ?? { acquisitionLockTimeoutMs: LOCK_MS, responses: topicOf(resultsOf(request)) };
  }

  #note(node: number, what: string, request: ShareFetchRequest | ShareAcknowledgeRequest, forgotten: readonly number[]): void {
    const partitions = request.topics.flatMap((topic) => topic.partitions);
    const told = partitions.map(({ partitionIndex, acknowledgementBatches }) => {
      const runs = acknowledgementBatches.map((it) => `${it.firstOffset}-${it.lastOffset}=${it.acknowledgeTypes.join()}`);
      return runs.length === 0 ? String(partitionIndex) : `${partitionIndex}:${runs.join(",")}`;
    });
    const left = forgotten.length === 0 ? "" : ` -[${forgotten.join(" ")}]`;
    const text = `${what} ${request.shareSessionEpoch} [${told.join(" ")}]${left}`;
    this.seen.push({ node, text, atMs: this.clock.monotonic() });
  }
}

/** With that of one partition. */
export function answerOf(
  partitionIndex: number,
  records: Uint8Array,
  acquiredRecords: ShareFetchResponse["responses"][0]["partitions"][0]["acquiredRecords"],
): Draft<ShareFetchResponse> {
  return { acquisitionLockTimeoutMs: LOCK_MS, responses: topicOf([{ partitionIndex, records, acquiredRecords }]) };
}

interface PartitionAnswer {
  readonly partitionIndex: number;
}

function topicOf<Partition>(
  partitions: readonly Partition[],
): { readonly topicId: string; readonly partitions: readonly Partition[] }[] {
  return partitions.length === 0 ? [] : [{ topicId: TOPIC_ID, partitions }];
}

/** All is well. */
function resultsOf({ topics }: ShareFetchRequest | ShareAcknowledgeRequest): readonly PartitionAnswer[] {
  const acknowledged = topics.flatMap(({ partitions }) => partitions).filter((it) => it.acknowledgementBatches.length > 0);
  return acknowledged.map(({ partitionIndex }) => ({ partitionIndex }));
}

/** What a test says of a partition counts. */
function merged(scripted: Draft<ShareFetchResponse>, acknowledged: readonly PartitionAnswer[]): object {
  const said = (scripted.responses ?? []).flatMap(({ partitions }) => partitions ?? []);
  const rest = acknowledged.filter(({ partitionIndex }) => said.every((it) => it.partitionIndex !== partitionIndex));
  return { acquisitionLockTimeoutMs: LOCK_MS, ...scripted, responses: topicOf([...said, ...rest]) };
}

/** The decoder has made it. */
function bodyOf<Body>(body: unknown): Body;
function bodyOf(body: unknown): unknown {
  return body;
}
