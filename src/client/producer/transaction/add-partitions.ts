import { AddPartitionsToTxn } from "../../../protocol/index.ts";
import type { ProducerIdentity } from "../producer-identity.ts";
import { askCoordinator } from "./coordinator-call.ts";
import type { OpenTransaction, TopicPartition } from "./open-transaction.ts";
import { byKey, byTopic, settlePartitions } from "./partition-answers.ts";
import type { TransactionCall } from "./transaction-call.ts";

/**
 * Tells the coordinator which partitions the transaction writes to, before the first batch leaves for them: there it will write how it
 * ended. Those that it takes are part of the transaction whatever becomes of the others (T4).
 */
export async function addPartitions(
  call: TransactionCall,
  { producerId, producerEpoch }: ProducerIdentity,
  transaction: OpenTransaction,
  partitions: readonly TopicPartition[],
): Promise<void> {
  const { transactionalId, context, settings } = call;
  const wanted = byKey(partitions);
  await askCoordinator(context, settings, {
    api: AddPartitionsToTxn,
    name: "AddPartitionsToTxn",
    type: "transaction",
    key: transactionalId,
    stopped: transaction.stopped,
    body: () => ({
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: Array.from(byTopic(wanted.values()), ([name, ofTopic]) => ({
        name,
        partitions: ofTopic.map(({ partition }) => partition),
      })),
    }),
    codes: ({ resultsByTopicV3AndBelow }) =>
      resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) => resultsByPartition.map((one) => one.partitionErrorCode)),
    problem: ({ body }) => {
      const answers = body.resultsByTopicV3AndBelow.flatMap(({ name, resultsByPartition }) =>
        resultsByPartition.map((one) => ({ topic: name, partition: one.partitionIndex, errorCode: one.partitionErrorCode })),
      );
      const before = [...wanted];
      const problem = settlePartitions(wanted, answers, "AddPartitionsToTxn", { transactionalId });
      for (const [key, { topic, partition }] of before) if (!wanted.has(key)) transaction.add(topic, partition);
      return problem;
    },
    onStray: () => {
      transaction.mayHaveBegun();
      transaction.requireEpoch();
    },
  });
}
