/** What a commit's failure means: the table of Java's ConsumerCoordinator, as far as it differs from that for all requests. */
import { type ErrorName, OffsetCommit } from "../../../protocol/index.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import { BrokerError, CommitFailedError } from "../../errors.ts";
import { type GroupIdentity, isMember } from "./group-identity.ts";

/**
 * `again`: the same, after a pause. `later epoch`: the same in the name of the member's present epoch, of which a heartbeat tells.
 * `refused`: it was not committed, and will not be.
 */
export type CommitMeaning = "again" | "later epoch" | "refused";

interface MeaningRow {
  readonly names: readonly ErrorName[];
  readonly meaning: CommitMeaning;
  readonly why: string;
}

const commitMeanings: readonly MeaningRow[] = [
  {
    names: ["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID"],
    meaning: "again",
    why: "the coordinator hears of new topics as all brokers do, a little later",
  },
  {
    names: ["STALE_MEMBER_EPOCH"],
    meaning: "later epoch",
    why: "G25: the member's epoch went on between the commit and the last heartbeat",
  },
];

/** G2: nothing is lost yet. */
const REBALANCING = "REBALANCE_IN_PROGRESS" satisfies ErrorName;

/** Errors that say that whoever commits is no member, or not in that generation. */
const notMembers: ReadonlyMap<ErrorName, string> = new Map([
  ["UNKNOWN_MEMBER_ID", "the coordinator does not know it, perhaps because it did not poll or send heartbeats in time"],
  ["ILLEGAL_GENERATION", "the group has been rebalanced without it"],
  [REBALANCING, "the group is coming together"],
  ["FENCED_INSTANCE_ID", "another consumer has joined with the same groupInstanceId"],
  ["FENCED_MEMBER_EPOCH", "the coordinator has fenced it"],
  ["STALE_MEMBER_EPOCH", "its epoch is over"],
  ["GROUP_ID_NOT_FOUND", "the group is not there any more"],
]);

export function meaningOf(error: unknown): CommitMeaning {
  if (error instanceof BrokerError && error.context.api === OffsetCommit.name) {
    const row = commitMeanings.find(({ names }) => names.includes(error.code));
    if (row !== undefined) return row.meaning;
  }
  return classOfError(error, OffsetCommit.name).remedy === "fatal" ? "refused" : "again";
}

/** Whether the coordinator may have stored it all the same. */
export function mayBeStored(error: unknown): boolean {
  return classOfError(error, OffsetCommit.name).applied === "possibly";
}

/** The error as users get it. */
export function commitError(error: Error, identity: GroupIdentity): Error {
  if (!(error instanceof BrokerError) || error.context.api !== OffsetCommit.name) return error;
  const problem = notMembers.get(error.code);
  if (problem === undefined) return error;
  const { groupId: group } = identity;
  if (!isMember(identity)) return new CommitFailedError(undefined, { group, cause: error });
  return new CommitFailedError(problem, { group, cause: error, isRebalancing: error.code === REBALANCING });
}
