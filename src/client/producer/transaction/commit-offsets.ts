import { AddOffsetsToTxn, type Draft, TxnOffsetCommit, type TxnOffsetCommitTopic } from "../../../protocol/index.ts";
import { BrokerError } from "../../errors.ts";
import { askCoordinator } from "./coordinator-call.ts";
import type { OpenTransaction } from "./open-transaction.ts";
import { byKey, byTopic, settlePartitions } from "./partition-answers.ts";
import type { TransactionCall } from "./transaction-call.ts";
import type { ConsumerGroupMetadata, OffsetToCommit } from "./transaction-scope.ts";
import type { RegisteredProducer } from "./transaction-state.ts";
import { TXN_OFFSET_COMMIT_OF_V2 } from "./transaction-version.ts";

const UNKNOWN_GENERATION = -1;
const UNKNOWN_LEADER_EPOCH = -1;
/** KIP-447: the first that says which member of the group commits. */
const FIRST_WITH_MEMBERS = 3;

export interface OffsetsToCommit {
  readonly offsets: readonly OffsetToCommit[];
  readonly group: ConsumerGroupMetadata;
}

/** Version 1: the group's partition of `__consumer_offsets` becomes part of the transaction, as the partitions of records do. */
export async function addOffsets(
  call: TransactionCall,
  { identity }: RegisteredProducer,
  transaction: OpenTransaction,
  groupId: string,
): Promise<void> {
  const { transactionalId, context, settings } = call;
  await askCoordinator(context, settings, {
    api: AddOffsetsToTxn,
    name: "AddOffsetsToTxn",
    type: "transaction",
    key: transactionalId,
    stopped: transaction.stopped,
    body: () => ({ transactionalId, ...identity, groupId }),
    codes: ({ errorCode }) => [errorCode],
    problem: ({ body: { errorCode } }) =>
      errorCode === 0 ? undefined : new BrokerError(errorCode, { api: "AddOffsetsToTxn", group: groupId, transactionalId }),
    onStray: () => {
      transaction.mayHaveBegun();
      transaction.requireEpoch();
    },
  });
  transaction.hasBegun();
}

/** Leaves the offsets with the group's coordinator; they count when the transaction is committed. In version 2 that adds the group. */
export async function commitOffsets(
  call: TransactionCall,
  { identity, version }: RegisteredProducer,
  transaction: OpenTransaction,
  { offsets, group }: OffsetsToCommit,
): Promise<void> {
  const { transactionalId, context, settings } = call;
  const { groupId, generationId = UNKNOWN_GENERATION, memberId = "", groupInstanceId = null } = group;
  const namesMember = generationId !== UNKNOWN_GENERATION || memberId !== "" || groupInstanceId !== null;
  const wanted = byKey(offsets);
  if (version === 2) transaction.mayHaveBegun();
  await askCoordinator(context, settings, {
    api: TxnOffsetCommit,
    name: "TxnOffsetCommit",
    type: "group",
    key: groupId,
    stopped: transaction.stopped,
    limits:
      version === 2
        ? { atLeast: TXN_OFFSET_COMMIT_OF_V2, atMost: TXN_OFFSET_COMMIT_OF_V2 }
        : { atLeast: namesMember ? FIRST_WITH_MEMBERS : 0, atMost: TXN_OFFSET_COMMIT_OF_V2 - 1 },
    body: () => ({
      transactionalId,
      groupId,
      ...identity,
      generationIdOrMemberEpoch: generationId,
      memberId,
      groupInstanceId,
      topics: topicsOf(wanted.values()),
    }),
    codes: ({ topics }) => topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)),
    problem: ({ body }) => {
      const answers = body.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, errorCode })),
      );
      return settlePartitions(wanted, answers, "TxnOffsetCommit", { group: groupId, transactionalId });
    },
    onStray: () => transaction.requireEpoch(),
  });
}

function topicsOf(offsets: Iterable<OffsetToCommit>): Draft<TxnOffsetCommitTopic>[] {
  return Array.from(byTopic(offsets), ([name, ofTopic]) => ({
    name,
    partitions: ofTopic.map(({ partition, offset, leaderEpoch, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? UNKNOWN_LEADER_EPOCH,
      committedMetadata: metadata ?? "",
    })),
  }));
}
