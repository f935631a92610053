import {
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_PENDING_UPLOAD_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  KafkaError,
  LATEST_TIERED_TIMESTAMP,
  LATEST_TIMESTAMP,
  ListOffsets,
  MAX_TIMESTAMP,
  UnsupportedVersionError,
} from "../../protocol/index.ts";
import { askLeaders } from "../leaders/leader-call.ts";
import { listOffsetsQuestion } from "../leaders/list-offsets-question.ts";
import type { PartitionItem } from "../leaders/partition-item.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems, quoted } from "./arguments.ts";
import { checkPartitions } from "./check-partitions.ts";
import { type ItemResult, settledItems } from "./item-result.ts";

/** The places that have a name: how the wire spells them, and the version of the request, and the release, that know them first. */
const PLACES: ReadonlyMap<string, { readonly timestamp: number; readonly since: number; readonly release: string }> = new Map([
  ["earliest", { timestamp: EARLIEST_TIMESTAMP, since: 1, release: "0.10.1" }],
  ["latest", { timestamp: LATEST_TIMESTAMP, since: 1, release: "0.10.1" }],
  ["maxTimestamp", { timestamp: MAX_TIMESTAMP, since: 7, release: "3.0" }],
  ["earliestLocal", { timestamp: EARLIEST_LOCAL_TIMESTAMP, since: 8, release: "3.4" }],
  ["latestTiered", { timestamp: LATEST_TIERED_TIMESTAMP, since: 9, release: "3.9" }],
  ["earliestPendingUpload", { timestamp: EARLIEST_PENDING_UPLOAD_TIMESTAMP, since: 11, release: "4.2" }],
]);

/**
 * `earliest`: the first record that is left. `latest`: behind the last one that may be read. `maxTimestamp`: the record with the
 * largest timestamp (brokers since 3.0). The other three concern tiered storage: the first record on the leader's own disks (3.4), the
 * last one in tiered storage (3.9), the first one not yet there (4.2). `timestampMs`: the first record of that time or later.
 */
export type OffsetPlace =
  | "earliest"
  | "latest"
  | "maxTimestamp"
  | "earliestLocal"
  | "latestTiered"
  | "earliestPendingUpload"
  | { readonly timestampMs: number };

export interface OffsetQuery extends PartitionItem {
  readonly at: OffsetPlace;
}

export interface ListOffsetsOptions extends CallOptions {
  /** With `readCommitted`, the end is where the first open transaction begins. Default `readUncommitted`. */
  readonly isolationLevel?: "readUncommitted" | "readCommitted";
}

export interface ListedOffset {
  /** -1: there is none, as when all records are older. */
  readonly offset: number;
  /** Of the record found; -1 for `earliest`, `latest` and their like. */
  readonly timestampMs: number;
  /** At that offset; -1 when the broker does not tell. */
  readonly leaderEpoch: number;
}

const ISOLATION_LEVELS: ReadonlySet<string> = new Set(["readUncommitted", "readCommitted"]);

export async function listOffsets(
  context: AdminContext,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions = {},
): Promise<readonly ItemResult<PartitionItem, ListedOffset>[]> {
  const question = listOffsetsQuestion<OffsetQuery>({
    isReadCommitted: options.isolationLevel === "readCommitted",
    timestampOf: ({ at }) => timestampOf(at),
    sinceOf: ({ at }) => sinceVersion(at),
  });
  const outcomes = await askLeaders(context, { ...question, items: queries });
  return settledItems(
    outcomes.map(({ item: { topic, partition, at }, outcome }) => {
      if (outcome instanceof KafkaError) return { topic, partition, error: withRelease(outcome, at) };
      return { topic, partition, offset: outcome.offset, timestampMs: outcome.timestamp, leaderEpoch: outcome.leaderEpoch };
    }),
  );
}

export function checkOffsetQueries(queries: readonly OffsetQuery[], { isolationLevel }: ListOffsetsOptions): void {
  const problems = new ArgumentProblems("listOffsets");
  checkPartitions(problems, queries);
  for (const { topic, partition, at } of queries) {
    const where = `topic ${quoted(topic)} partition ${partition}: at`;
    if (typeof at === "object" && at !== null) problems.requireInteger(`${where}: timestampMs`, at.timestampMs, 0);
    else
      problems.require(
        PLACES.has(at),
        () => `${where} is one of ${[...PLACES.keys()].join(", ")} or { timestampMs }, not ${quoted(at)}`,
      );
  }
  const isLevel = isolationLevel === undefined || ISOLATION_LEVELS.has(isolationLevel);
  problems.require(isLevel, () => `isolationLevel is readUncommitted or readCommitted, not ${quoted(isolationLevel)}`);
  problems.throwIfAny();
}

function timestampOf(at: OffsetPlace): number {
  return typeof at === "object" ? at.timestampMs : (PLACES.get(at)?.timestamp ?? LATEST_TIMESTAMP);
}

function sinceVersion(at: OffsetPlace): number {
  return typeof at === "object" ? 1 : (PLACES.get(at)?.since ?? 1);
}

/** Says which brokers know the place, where the versions of the request alone were in the way. */
function withRelease(error: KafkaError, at: OffsetPlace): KafkaError {
  if (!(error instanceof UnsupportedVersionError) || typeof at === "object") return error;
  const place = PLACES.get(at);
  if (place === undefined || place.since === 1) return error;
  return new UnsupportedVersionError(`brokers before ${place.release} do not know '${at}' (${error.problem})`, {
    api: ListOffsets.name,
  });
}
