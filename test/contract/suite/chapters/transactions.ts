// Transactions: what is written in one is read as a whole or not at all, and so are the offsets of a group.

import assert from "node:assert/strict";
import { isAtLeast } from "../../../support/kafka/old-kafka-mode.ts";
import { type Chapter, chapter } from "../contract.ts";
import { committedValues, untilAllEnded, valuesOf } from "../log-reading.ts";
import { refusalOf, refused } from "../refusal.ts";
import { committedOffset, NOT_COMMITTED, transactional } from "../transacting.ts";

export const transactions: Chapter = chapter("Transactions", ({ contract }) => {
  contract("what is committed is read, and not before", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    producer.beginTransaction();
    const told = await producer.sendBatch(topic, [{ value: "a" }, { value: "b" }]);
    assert.deepEqual(
      told.map(({ offset }) => offset),
      [0, 1],
    );
    assert.deepEqual(await valuesOf(stage, topic, 0, "read_uncommitted"), ["a", "b"]);
    assert.deepEqual(await valuesOf(stage, topic, 0, "read_committed"), []);
    await producer.commitTransaction();
    assert.deepEqual(await committedValues(stage, topic), ["a", "b"]);
  });

  contract("what is aborted is never read as committed, and keeps its offsets", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    producer.beginTransaction();
    await producer.sendBatch(topic, [{ value: "a" }, { value: "b" }]);
    await producer.abortTransaction();
    producer.beginTransaction();
    const { offset } = await producer.send(topic, { value: "c" });
    await producer.commitTransaction();
    assert.equal(offset, 3);
    assert.deepEqual(await committedValues(stage, topic), ["c"]);
    assert.deepEqual(await valuesOf(stage, topic), ["a", "b", "c"]);
  });

  contract("a transaction takes in all partitions of all topics that it writes to", async (stage) => {
    const topics = [await stage.topic({ numPartitions: 3 }), await stage.topic()] as const;
    const producer = await transactional(stage);
    for (const end of ["abortTransaction", "commitTransaction"] as const) {
      producer.beginTransaction();
      const sent = [0, 1, 2].map((partition) => producer.send(topics[0], { value: end, partition }));
      await Promise.all([...sent, producer.send(topics[1], { value: end })]);
      await producer[end]();
    }
    for (const partition of [0, 1, 2]) assert.deepEqual(await committedValues(stage, topics[0], partition), ["commitTransaction"]);
    assert.deepEqual(await committedValues(stage, topics[1]), ["commitTransaction"]);
  });

  contract("committing waits for what nobody has waited for", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage, { lingerMs: 20_000, batchSize: 300 });
    producer.beginTransaction();
    const sent = Array.from({ length: 200 }, (_, i) => producer.send(topic, { value: `${i}` }));
    await producer.commitTransaction();
    assert.deepEqual(
      (await Promise.all(sent)).map(({ offset }) => offset),
      sent.map((_, i) => i),
    );
    assert.deepEqual(
      await committedValues(stage, topic),
      sent.map((_, i) => `${i}`),
    );
  });

  contract("aborting drops what was not sent yet, and says so", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage, { lingerMs: 20_000 });
    producer.beginTransaction();
    const sent = refusalOf(producer.send(topic, { value: "dropped" }));
    await producer.abortTransaction();
    const error = await sent;
    assert.deepEqual([error.code, error.verdict], ["TRANSACTION_ABORTED", "not persisted"]);
    producer.beginTransaction();
    const next = producer.send(topic, { value: "next" });
    await producer.commitTransaction();
    assert.equal((await next).offset, 0);
  });

  contract("empty transactions are committed and aborted", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    for (const end of ["commitTransaction", "abortTransaction", "commitTransaction"] as const) {
      producer.beginTransaction();
      await producer[end]();
    }
    producer.beginTransaction();
    await producer.send(topic, { value: "it" });
    await producer.commitTransaction();
    assert.deepEqual(await committedValues(stage, topic), ["it"]);
  });

  contract("thirty transactions in a row, every third aborted, leave what was committed, in its order", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage, { compression: "gzip", batchSize: 200 });
    const wanted: string[] = [];
    for (let number = 0; number < 30; number++) {
      const records = Array.from({ length: (number * 7) % 13 }, (_, i) => ({ value: `${number} ${i}` }));
      producer.beginTransaction();
      await producer.sendBatch(topic, records);
      if (number % 3 === 2) await producer.abortTransaction();
      else await producer.commitTransaction();
      if (number % 3 !== 2) wanted.push(...records.map(({ value }) => value));
    }
    assert.deepEqual(await committedValues(stage, topic), wanted);
  });

  contract("a producer whose records have all been deleted goes on with its next transaction", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage, { batchSize: 0 });
    producer.beginTransaction();
    await producer.sendBatch(topic, [{ value: "a" }, { value: "b" }]);
    await producer.commitTransaction();
    await untilAllEnded(stage, topic);
    // Releases before 2.4 forget the producer with them. What 0.11 says then does not tell that from a loss.
    if (isAtLeast(stage.broker.release, "1.0")) {
      await stage.admin.deleteRecords([{ topic, partition: 0, offset: "highWatermark" }]);
    }
    producer.beginTransaction();
    const sent = ["c", "d", "e", "f", "g"].map((value) => producer.send(topic, { value }));
    await producer.commitTransaction();
    assert.deepEqual(
      (await Promise.all(sent)).map(({ offset }) => offset),
      [3, 4, 5, 6, 7],
    );
  });

  contract("transaction() commits what its function has sent, and returns what it returns", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    const offset = await producer.transaction(async (tx) => {
      void tx.send(topic, { value: "a" });
      return (await tx.send(topic, { value: "b" })).offset;
    });
    assert.equal(offset, 1);
    const failure = new Error("the function's own");
    const failing = producer.transaction(async (tx) => {
      await tx.send(topic, { value: "c" });
      throw failure;
    });
    await assert.rejects(failing, failure);
    await producer.transaction(async (tx) => tx.sendBatch(topic, [{ value: "d" }]));
    assert.deepEqual(await committedValues(stage, topic), ["a", "b", "d"]);
  });

  contract("offsets count when the transaction is committed, and not when it is aborted", async (stage) => {
    const [from, to] = [await stage.topic({ numPartitions: 2 }), await stage.topic()];
    const group = stage.uniqueName("group");
    const producer = await transactional(stage);
    for (const [number, end] of (["commitTransaction", "abortTransaction"] as const).entries()) {
      producer.beginTransaction();
      await producer.send(to, { value: end });
      await producer.sendOffsetsToTransaction([{ topic: from, partition: 0, offset: 5 + number, metadata: "here" }], group);
      await producer.sendOffsetsToTransaction([{ topic: from, partition: 1, offset: 7 + number }], { groupId: group });
      await producer[end]();
    }
    await stage.eventually(async () => {
      assert.deepEqual([await committedOffset(stage, group, from), await committedOffset(stage, group, from, 1)], [5, 7]);
    });
    await untilAllEnded(stage, to);
    assert.deepEqual([await committedOffset(stage, group, from), await committedOffset(stage, group, from, 1)], [5, 7]);
    assert.deepEqual(await committedValues(stage, to), ["commitTransaction"]);
  });

  contract("a transaction may have offsets and no records", async (stage) => {
    const topic = await stage.topic();
    const [group, other] = [stage.uniqueName("group"), stage.uniqueName("other")];
    const producer = await transactional(stage);
    await producer.transaction((tx) => tx.sendOffsets([{ topic, partition: 0, offset: 3 }], group));
    await stage.eventually(async () => assert.equal(await committedOffset(stage, group, topic), 3));
    assert.equal(await committedOffset(stage, other, topic), NOT_COMMITTED);
  });

  contract(
    "offsets are not taken from a member that its group does not have",
    async (stage) => {
      const topic = await stage.topic();
      const group = stage.uniqueName("group");
      const producer = await transactional(stage);
      producer.beginTransaction();
      await producer.send(topic, { value: "it" });
      const error = await refusalOf(
        producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 1 }], {
          groupId: group,
          generationId: 3,
          memberId: "somebody",
        }),
      );
      assert.ok(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "UNSUPPORTED_VERSION"].includes(error.code), error.message);
      assert.equal(error.severity, "abortable");
      assert.equal((await refusalOf(producer.commitTransaction())).severity, "abortable");
      await producer.abortTransaction();
      assert.deepEqual(await committedValues(stage, topic), []);
      assert.equal(await committedOffset(stage, group, topic), NOT_COMMITTED);
    },
    { needs: "members that commit in transactions" },
  );

  contract("a record that fails keeps its transaction from being committed; aborted, the producer goes on", async (stage) => {
    const topic = await stage.topic({ configs: { "max.message.bytes": "1000" } });
    const producer = await transactional(stage);
    producer.beginTransaction();
    await producer.send(topic, { value: "a" });
    const large = await refused("MESSAGE_TOO_LARGE", producer.send(topic, { value: "x".repeat(2000) }));
    assert.deepEqual([large.severity, large.verdict], ["abortable", "not persisted"]);
    const commit = await refused("TRANSACTION_FAILED", producer.commitTransaction());
    assert.equal(commit.severity, "abortable");
    await refused("TRANSACTION_FAILED", producer.send(topic, { value: "b" }));
    await producer.abortTransaction();
    await producer.transaction((tx) => tx.send(topic, { value: "c" }));
    assert.deepEqual(await committedValues(stage, topic), ["c"]);
  });

  contract("a record that is larger than a request may be fails its transaction as well", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage, { maxRequestSize: 10_000 });
    producer.beginTransaction();
    await producer.send(topic, { value: "a" });
    await refused("MESSAGE_TOO_LARGE", producer.send(topic, { value: "x".repeat(20_000) }));
    await refused("TRANSACTION_FAILED", producer.commitTransaction());
    await producer.abortTransaction();
    assert.deepEqual(await committedValues(stage, topic), []);
  });

  contract("batches that are too large are split in a transaction as well", async (stage) => {
    const topic = await stage.topic({ configs: { "max.message.bytes": "3000" } });
    const producer = await transactional(stage, { batchSize: 100_000 });
    const records = Array.from({ length: 100 }, (_, i) => ({ value: `${i}`.padEnd(200, ".") }));
    await producer.transaction((tx) => tx.sendBatch(topic, records));
    await producer.transaction((tx) => tx.sendBatch(topic, records));
    assert.deepEqual(
      await committedValues(stage, topic),
      [...records, ...records].map(({ value }) => value),
    );
  });

  contract("close aborts the transaction that is open", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    producer.beginTransaction();
    await producer.send(topic, { value: "never committed" });
    await producer.close();
    assert.deepEqual(await committedValues(stage, topic), []);
    assert.deepEqual(await valuesOf(stage, topic), ["never committed"]);
  });
});
