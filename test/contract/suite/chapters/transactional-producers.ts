// Who may write in transactions: one producer for each id, in the right order, in time, and by which epochs.

import assert from "node:assert/strict";
import { IllegalStateError } from "../../../../src/index.ts";
import { isAtLeast } from "../../../support/kafka/old-kafka-mode.ts";
import { type Chapter, chapter } from "../contract.ts";
import { committedValues, readLog, untilAllEnded } from "../log-reading.ts";
import { refusalOf, refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";
import { committedOffset, transactional } from "../transacting.ts";

const FEATURE = "transaction.version";

export const transactionalProducers: Chapter = chapter("Transactional producers", ({ contract }) => {
  contract("who begins to use the id fences off who had it, and what that had open is aborted", async (stage) => {
    const topic = await stage.topic();
    const transactionalId = stage.uniqueName("shared");
    const first = await transactional(stage, { transactionalId });
    first.beginTransaction();
    await first.send(topic, { value: "of the first" });
    const second = await transactional(stage, { transactionalId });
    second.beginTransaction();
    await second.send(topic, { value: "of the second" });
    await second.commitTransaction();
    const error = await refusalOf(first.commitTransaction());
    assert.deepEqual([error.name, error.severity], ["ProducerFencedError", "fatal"], error.message);
    assert.throws(() => first.beginTransaction(), { name: "ProducerFencedError" });
    await first.close();
    assert.deepEqual(await committedValues(stage, topic), ["of the second"]);
  });

  contract("who was fenced off finds that out by sending, and can only be closed", async (stage) => {
    const topic = await stage.topic();
    const transactionalId = stage.uniqueName("shared");
    const first = await transactional(stage, { transactionalId });
    await transactional(stage, { transactionalId });
    first.beginTransaction();
    const error = await refusalOf(first.send(topic, { value: "late" }));
    assert.equal(error.verdict, "not persisted");
    const commit = await refusalOf(first.commitTransaction());
    if (commit.severity === "abortable") {
      // The epoch alone does not tell it from a transaction that took too long: the next call does.
      const abort = await refusalOf(first.abortTransaction());
      assert.deepEqual([abort.name, abort.severity], ["ProducerFencedError", "fatal"], abort.message);
    } else assert.equal(commit.severity, "fatal", commit.message);
    assert.throws(() => first.beginTransaction(), { name: "ProducerFencedError" });
    assert.deepEqual(await committedValues(stage, topic), []);
  });

  contract("calls in the wrong order are refused, and do no harm", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ transactionalId: stage.uniqueName("producer") });
    const wrong = async (call: () => unknown): Promise<void> => {
      await assert.rejects(async () => call(), IllegalStateError);
    };
    await wrong(() => producer.beginTransaction());
    await wrong(() => producer.send(topic, { value: "it" }));
    await producer.initTransactions();
    await wrong(() => producer.initTransactions());
    await wrong(() => producer.send(topic, { value: "it" }));
    await wrong(() => producer.produce(topic, { value: "it" }));
    await wrong(() => producer.commitTransaction());
    await wrong(() => producer.abortTransaction());
    await wrong(() => producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 1 }], "group"));
    producer.beginTransaction();
    await wrong(() => producer.beginTransaction());
    const committing = producer.commitTransaction();
    await wrong(() => producer.abortTransaction());
    await committing;
    await producer.transaction((tx) => tx.send(topic, { value: "it" }));
    assert.deepEqual(await committedValues(stage, topic), ["it"]);
    const plain = stage.newProducer();
    await wrong(() => plain.initTransactions());
    await wrong(() => plain.beginTransaction());
  });

  contract("a transaction that takes longer than it may is aborted by the coordinator", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage, { transactionTimeoutMs: 1000 });
    producer.beginTransaction();
    await producer.send(topic, { value: "too slow" });
    await untilAllEnded(stage, topic);
    const error = await refusalOf(producer.commitTransaction());
    assert.ok(error.severity === "abortable" || error.severity === "fatal", error.message);
    if (error.severity === "abortable") {
      await producer.abortTransaction();
      await producer.transaction((tx) => tx.send(topic, { value: "again" }));
    }
    assert.deepEqual(await committedValues(stage, topic), error.severity === "abortable" ? ["again"] : []);
  });

  contract("a transaction that may take longer than the broker allows is refused at the beginning", async (stage) => {
    const producer = stage.newProducer({
      transactionalId: stage.uniqueName("producer"),
      transactionTimeoutMs: 24 * 3_600_000,
    });
    const error = await refused("INVALID_TRANSACTION_TIMEOUT", producer.initTransactions());
    assert.equal(error.severity, "fatal");
  });

  contract("who comes back with the same id goes on behind what was committed", async (stage) => {
    const topic = await stage.topic();
    const transactionalId = stage.uniqueName("producer");
    for (const value of ["a", "b", "c"]) {
      const producer = await transactional(stage, { transactionalId });
      await producer.transaction((tx) => tx.send(topic, { value }));
      await producer.close();
    }
    assert.deepEqual(await committedValues(stage, topic), ["a", "b", "c"]);
    const log = await readLog(stage, topic);
    assert.equal(new Set(log.map(({ producerId }) => producerId)).size, 1);
    const epochs = log.map(({ producerEpoch }) => producerEpoch);
    assert.deepEqual(
      epochs,
      [...new Set(epochs)].toSorted((a, b) => a - b),
    );
  });

  contract("each transaction has an epoch of its own, in version 2", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    for (const value of ["a", "b"]) await producer.transaction((tx) => tx.send(topic, { value }));
    const [first, second] = await readLog(stage, topic);
    assert.equal(second?.producerId, first?.producerId);
    const grows = (second?.producerEpoch ?? 0) - (first?.producerEpoch ?? 0);
    assert.equal(grows, isAtLeast(stage.broker.release, "4.0") ? 1 : 0);
  });

  contract(
    "in a cluster that has agreed upon version 1 a producer commits, aborts and takes offsets along, with one epoch for all",
    async (stage) => {
      await agreeUpon(stage, 1);
      try {
        const topic = await stage.topic();
        const group = stage.uniqueName("group");
        const producer = await transactional(stage);
        for (const end of ["commitTransaction", "abortTransaction", "commitTransaction"] as const) {
          producer.beginTransaction();
          await producer.send(topic, { value: end });
          await producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 4 }], group);
          await producer[end]();
        }
        assert.deepEqual(await committedValues(stage, topic), ["commitTransaction", "commitTransaction"]);
        assert.equal(new Set((await readLog(stage, topic)).map(({ producerEpoch }) => producerEpoch)).size, 1);
        await stage.eventually(async () => assert.equal(await committedOffset(stage, group, topic), 4));
      } finally {
        await agreeUpon(stage, 2);
      }
    },
    { needs: "transactions of version 2" },
  );
});

async function agreeUpon(stage: Stage, level: number): Promise<void> {
  const { finalized } = await stage.admin.describeFeatures();
  const direction = (finalized.get(FEATURE)?.max ?? 0) > level ? "safeDowngrade" : "upgrade";
  await stage.admin.updateFeatures({ [FEATURE]: { level, direction } });
  await stage.eventually(async () => {
    const now = (await stage.newAdmin().describeFeatures()).finalized.get(FEATURE)?.max;
    if (now !== level) throw new Error(`${FEATURE} is at ${now}, not yet at ${level}`);
  });
}
