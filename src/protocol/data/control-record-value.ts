/**
 * Values of control records. Two kinds lie in ordinary topics: ABORT and COMMIT, which end a transaction in a partition. The others
 * lie in `__cluster_metadata`, the log of KRaft's controllers, and in its snapshots (KIP-595, KIP-630, KIP-853).
 *
 * KRaft's values begin with their own version, a field like any other. The value of a transaction marker has it too, but in front.
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Body, decodeBody } from "./body.ts";

/** Ends a transaction in one partition. */
export interface EndTransactionMarker {
  /** Version of the value, 0 so far. */
  readonly version: number;
  /** Epoch of the transaction coordinator that wrote the marker: a later one fences it. */
  readonly coordinatorEpoch: number;
}

/** A new leader of the quorum has taken office; it is the first record of each epoch. */
export interface LeaderChange {
  /** 0, or 1 with directory ids. */
  readonly version: number;
  readonly leaderId: number;
  /** All voters of the quorum. */
  readonly voters: readonly QuorumVoter[];
  /** Those that voted for the leader. */
  readonly grantingVoters: readonly QuorumVoter[];
}

export interface QuorumVoter {
  readonly voterId: number;
  /** Where the voter keeps the log, from version 1 on: a new disk is a new voter. */
  readonly voterDirectoryId: string;
}

/** The first record of a snapshot. */
export interface SnapshotHeader {
  readonly version: number;
  /** Timestamp of the last record that went into the snapshot. */
  readonly lastContainedLogTimestamp: number;
}

/** The last record of a snapshot: without it the snapshot is not complete. */
export interface SnapshotFooter {
  readonly version: number;
}

/** The protocol that the quorum speaks from here on. */
export interface KRaftVersion {
  readonly version: number;
  /** 0: voters are configured; 1: voters are in the log, and can change. */
  readonly kRaftVersion: number;
}

/** Who votes from here on. */
export interface Voters {
  readonly version: number;
  readonly voters: readonly ReachableVoter[];
}

export interface ReachableVoter {
  readonly voterId: number;
  readonly voterDirectoryId: string;
  readonly endpoints: readonly VoterEndpoint[];
  /** The protocol versions that the voter could speak. */
  readonly kRaftVersionFeature: SupportedKRaftVersions;
}

export interface VoterEndpoint {
  /** Name of the listener. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface SupportedKRaftVersions {
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export const endTransactionMarker: Layout<EndTransactionMarker> = struct((wire, it) => ({
  version: wire.int16(it.version),
  coordinatorEpoch: wire.int32(it.coordinatorEpoch),
}));

export const leaderChange: Layout<LeaderChange> = struct((wire, it) => ({
  version: wire.int16(it.version),
  leaderId: wire.int32(it.leaderId),
  voters: wire.array(it.voters, quorumVoter),
  grantingVoters: wire.array(it.grantingVoters, quorumVoter),
}));

const quorumVoter: Layout<QuorumVoter> = struct((wire, it) => ({
  voterId: wire.int32(it.voterId),
  voterDirectoryId: wire.since(1).uuid(it.voterDirectoryId),
}));

export const snapshotHeader: Layout<SnapshotHeader> = struct((wire, it) => ({
  version: wire.int16(it.version),
  lastContainedLogTimestamp: wire.timestamp(it.lastContainedLogTimestamp),
}));

export const snapshotFooter: Layout<SnapshotFooter> = struct((wire, it) => ({
  version: wire.int16(it.version),
}));

export const kRaftVersion: Layout<KRaftVersion> = struct((wire, it) => ({
  version: wire.int16(it.version),
  kRaftVersion: wire.int16(it.kRaftVersion),
}));

export const voters: Layout<Voters> = struct((wire, it) => ({
  version: wire.int16(it.version),
  voters: wire.array(it.voters, reachableVoter),
}));

const reachableVoter: Layout<ReachableVoter> = struct((wire, it) => ({
  voterId: wire.int32(it.voterId),
  voterDirectoryId: wire.uuid(it.voterDirectoryId),
  endpoints: wire.array(it.endpoints, voterEndpoint),
  kRaftVersionFeature: wire.struct(it.kRaftVersionFeature, supportedKRaftVersions),
}));

const voterEndpoint: Layout<VoterEndpoint> = struct((wire, it) => ({
  name: wire.string(it.name),
  host: wire.string(it.host),
  port: wire.uint16(it.port),
}));

const supportedKRaftVersions: Layout<SupportedKRaftVersions> = struct((wire, it) => ({
  minSupportedVersion: wire.int16(it.minSupportedVersion),
  maxSupportedVersion: wire.int16(it.maxSupportedVersion),
}));

/** The value of a control record, by the type that its key tells. */
export type ControlRecordValue =
  | ({ readonly type: "ABORT" | "COMMIT" } & EndTransactionMarker)
  | ({ readonly type: "LEADER_CHANGE" } & LeaderChange)
  | ({ readonly type: "SNAPSHOT_HEADER" } & SnapshotHeader)
  | ({ readonly type: "SNAPSHOT_FOOTER" } & SnapshotFooter)
  | ({ readonly type: "KRAFT_VERSION" } & KRaftVersion)
  | ({ readonly type: "KRAFT_VOTERS" } & Voters);

/** Reads a control record's value; `undefined` for types that are not known yet, which readers skip. */
export function decodeControlRecordValue(type: string, value: Uint8Array): ControlRecordValue | undefined {
  switch (type) {
    case "ABORT":
    case "COMMIT":
      return { type, ...decodeBody({ name: "EndTxnMarker", layout: endTransactionMarker, version: 0, flexible: false }, value) };
    case "LEADER_CHANGE":
      return { type, ...decodeBody(kraft("LeaderChangeMessage", leaderChange, Math.min(versionOf(value), 1)), value) };
    case "SNAPSHOT_HEADER":
      return { type, ...decodeBody(kraft("SnapshotHeaderRecord", snapshotHeader), value) };
    case "SNAPSHOT_FOOTER":
      return { type, ...decodeBody(kraft("SnapshotFooterRecord", snapshotFooter), value) };
    case "KRAFT_VERSION":
      return { type, ...decodeBody(kraft("KRaftVersionRecord", kRaftVersion), value) };
    case "KRAFT_VOTERS":
      return { type, ...decodeBody(kraft("VotersRecord", voters), value) };
    default:
      return undefined;
  }
}

function kraft<T>(name: string, layout: Layout<T>, version = 0): Body<T> {
  return { name, layout, version, flexible: true };
}

/** The version that a value begins with; a value that is too short for it is refused when it is read. */
function versionOf(value: Uint8Array): number {
  return value.length < 2 ? 0 : new DataView(value.buffer, value.byteOffset).getInt16(0);
}

/** What the key of a control record tells, behind its version. */
export const controlRecordType: Layout<{ readonly type: number }> = struct((wire, it) => ({ type: wire.int16(it.type) }));
