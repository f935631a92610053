// Rows of producer-expectations.ts: the calls of transactions, in the right order and the wrong one.

import { failureOf } from "./failure-of.ts";
import type { Expectation } from "./producer-expectations-stage.ts";

const STATE = "one error for every call in the wrong state";

export const transactionExpectations: readonly Expectation[] = [
  {
    what: "begin_transaction before init_transactions",
    theirs: "KafkaError",
    ours: "IllegalStateError",
    why: STATE,
    show: ({ plain, unique }) => failureOf(() => plain({ transactionalId: unique("id") }).beginTransaction()),
  },
  {
    what: "init_transactions twice",
    theirs: null,
    ours: "IllegalStateError",
    why: "Java refuses it as well: whoever calls it again believes that it does something",
    show: async ({ plain, unique }) => {
      const producer = plain({ transactionalId: unique("id") });
      await producer.initTransactions();
      return failureOf(() => producer.initTransactions());
    },
  },
  {
    what: "send outside of a transaction",
    theirs: "IllegalStateError",
    show: async ({ plain, unique, topic }) => {
      const producer = plain({ transactionalId: unique("id") });
      await producer.initTransactions();
      return failureOf(() => producer.send(topic, { value: "it", partition: 0 }));
    },
  },
  {
    what: "commit_transaction outside of a transaction",
    theirs: "KafkaError",
    ours: "IllegalStateError",
    why: STATE,
    show: async ({ plain, unique }) => {
      const producer = plain({ transactionalId: unique("id") });
      await producer.initTransactions();
      return failureOf(() => producer.commitTransaction());
    },
  },
  {
    what: "commit_transaction, abort_transaction and send_offsets_to_transaction with a group's id",
    theirs: null,
    show: async ({ plain, unique, topic }) => {
      const producer = plain({ transactionalId: unique("id") });
      return failureOf(async () => {
        await producer.initTransactions();
        producer.beginTransaction();
        await producer.send(topic, { value: "it", partition: 0 });
        await producer.commitTransaction();
        producer.beginTransaction();
        await producer.abortTransaction();
        producer.beginTransaction();
        await producer.sendOffsetsToTransaction([], unique("group"));
        await producer.commitTransaction();
      });
    },
  },
  {
    what: "commit_transaction of who was fenced off",
    theirs: "ProducerFencedError",
    show: async ({ plain, unique, topic }) => {
      const transactionalId = unique("id");
      const producer = plain({ transactionalId });
      await producer.initTransactions();
      producer.beginTransaction();
      await producer.send(topic, { value: "it", partition: 0 });
      await plain({ transactionalId }).initTransactions();
      return failureOf(() => producer.commitTransaction());
    },
  },
];
