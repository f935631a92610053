import type { ConnectionPhase } from "../errors.ts";

/** Which connection something happened on. */
export interface ConnectionFacts {
  /** Counted by the client, from 1. */
  readonly connection: number;
  /** `host:port`. */
  readonly broker: string;
  /** -1 for a bootstrap server, whose id nobody has told yet. */
  readonly nodeId: number;
  /** What the connection is for: see `Lane`. */
  readonly lane: string;
}

export interface RequestFacts {
  readonly api: string;
  readonly version: number;
  readonly correlationId: number;
  readonly requestBytes: number;
  /** False: no answer will come, nor a word that it does not (Produce with acks 0). Left out otherwise. */
  readonly expectsAnswer?: false;
}

export interface MetadataFacts {
  readonly clusterId: string | undefined;
  readonly controllerId: number;
  readonly brokers: number;
  readonly topics: number;
  readonly durationMs: number;
}

export interface ConnectFailure {
  readonly phase: ConnectionPhase;
  readonly error: Error;
  readonly retryInMs: number;
}

export interface Disconnection {
  readonly reason: string;
  /** Undefined when nothing was wrong: closed by us, or idle. */
  readonly error: Error | undefined;
  readonly inFlight: number;
}

export interface ResponseFacts {
  readonly responseBytes: number;
  readonly durationMs: number;
  readonly throttleMs: number;
}

/** A partition that is read and should make progress, and does not. */
export interface PartitionStall {
  readonly topic: string;
  readonly partition: number;
  /** A stable code. */
  readonly reason: string;
  /** In words, with names and without numbers that grow. */
  readonly detail: string;
  /** For how long there has been no progress. */
  readonly sinceMs: number;
  /** The next offset to be read, and how many there are from it on; undefined while that is not known. */
  readonly offset: number | undefined;
  readonly lag: number | undefined;
  readonly error: Error | undefined;
}

/** It goes on. */
export interface PartitionResumption {
  readonly topic: string;
  readonly partition: number;
  /** For how long there was no progress. */
  readonly afterMs: number;
}

/** What a rebalance is about, as soon as it begins. */
export interface RebalanceBeginning {
  readonly group: string;
  /** Milliseconds since 1970. */
  readonly beganAtMs: number;
  /** Why, in words. */
  readonly cause: string;
}

/** One rebalance of a member: from the moment it has to let go of something, or to join, until it is settled again. */
export interface Rebalance extends RebalanceBeginning {
  /** `failed`: nothing came of it. `left`: the consumer has unsubscribed meanwhile, or was closed. */
  readonly outcome: "under way" | "assigned" | "failed" | "left";
  /** What went wrong in it; it may have come to an end nevertheless. */
  readonly problem: string | undefined;
  /** By which protocol of groups; undefined before that has turned out. */
  readonly protocol: "classic" | "consumer" | undefined;
  /** That it has come to; with KIP-848 the member's epoch; -1 before. */
  readonly generationId: number;
  /** As the listener was told. */
  readonly revoked: readonly RebalancedPartition[];
  readonly assigned: readonly RebalancedPartition[];
  readonly lost: readonly RebalancedPartition[];
  /** So far, if it is under way. */
  readonly durationMs: number;
  /** Of that: nobody read, who could let go of something or be told. */
  readonly readerMs: number;
  /** Records in hand were finished, and what was processed was committed. */
  readonly processingMs: number;
  /** Listeners were at work. */
  readonly callbacksMs: number;
  /** The rest: the coordinator and the other members. */
  readonly groupMs: number;
}

export interface RebalancedPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Where the client's parts report what happens. It goes to the logger, the metrics and the diagnostics channels, none of which the
 * parts know. Called often: an implementation must not throw, and does nothing that nobody listens to.
 */
export interface Telemetry {
  connecting(connection: ConnectionFacts): void;
  connected(connection: ConnectionFacts, facts: { readonly durationMs: number; readonly remote: string }): void;
  connectFailed(connection: ConnectionFacts, failure: ConnectFailure): void;
  disconnected(connection: ConnectionFacts, facts: Disconnection): void;
  requestSent(connection: ConnectionFacts, request: RequestFacts): void;
  responseReceived(connection: ConnectionFacts, request: RequestFacts, response: ResponseFacts): void;
  requestFailed(
    connection: ConnectionFacts,
    request: RequestFacts,
    facts: { readonly error: Error; readonly durationMs: number },
  ): void;
  metadataUpdated(facts: MetadataFacts): void;
  metadataFailed(facts: { readonly error: Error; readonly attempt: number }): void;
  rebootstrapping(facts: { readonly reason: string }): void;
  /** Something that a person should know of; `code` is stable, `facts` are its details. */
  warning(code: string, text: string, facts?: Readonly<Record<string, unknown>>): void;
}
