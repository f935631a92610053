// Share groups (KIP-932): records that several members take from the same partitions.

import assert from "node:assert/strict";
import type { ShareConsumer, ShareConsumerOptions, ShareRecord } from "../../../../src/index.ts";
import { textOf, valuesIn, written } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import type { Stage } from "../stage.ts";

const PATIENCE_MS = 20_000;
/** Long enough for a record that is there to be fetched. */
const A_MOMENT_MS = 700;

interface Group {
  readonly groupId: string;
  readonly topic: string;
}

/** A share group that begins at the beginning, and a topic for it. */
async function newGroup(stage: Stage, numPartitions = 1): Promise<Group> {
  const groupId = stage.uniqueName("group");
  const topic = await stage.topic({ numPartitions });
  await stage.admin.incrementalAlterConfigs([{ type: "group", name: groupId, set: { "share.auto.offset.reset": "earliest" } }]);
  return { groupId, topic };
}

function member(stage: Stage, { groupId, topic }: Group, options: Partial<ShareConsumerOptions> = {}): ShareConsumer {
  const consumer = stage.newShareConsumer({ groupId, ...options });
  consumer.subscribe(topic);
  return consumer;
}

function explicitMember(stage: Stage, group: Group, options: Partial<ShareConsumerOptions> = {}): ShareConsumer {
  return member(stage, group, { shareAcknowledgementMode: "explicit", ...options });
}

/** The next records, so many, each accepted with the next poll at the latest. */
async function take(consumer: ShareConsumer, count: number): Promise<ShareRecord[]> {
  const records: ShareRecord[] = [];
  while (records.length < count) {
    const polled = await consumer.poll({ timeoutMs: PATIENCE_MS });
    if (polled.isEmpty) assert.fail(`only ${records.length} of ${count} records came: ${deliveries(records).join(", ")}`);
    records.push(...polled);
  }
  return records;
}

/** One poll, for records that have to come. */
async function poll(consumer: ShareConsumer): Promise<ShareRecord[]> {
  return [...(await consumer.poll({ timeoutMs: PATIENCE_MS }))];
}

/** Whatever comes within a moment, which is nothing if the contract is kept. */
async function more(consumer: ShareConsumer): Promise<readonly string[]> {
  return deliveries(await consumer.poll({ timeoutMs: A_MOMENT_MS }));
}

/** `value ×2`: what came, and how often it was delivered. */
function deliveries(records: Iterable<ShareRecord>): readonly string[] {
  return [...records].map(({ value, deliveryCount }) => `${textOf(value)} ×${deliveryCount}`);
}

async function write(stage: Stage, { topic }: Group, ...values: readonly string[]): Promise<void> {
  await stage.produce(topic, 0, written(...values));
}

/** As commits tell it. */
function toldOf(results: Awaited<ReturnType<ShareConsumer["commit"]>>): readonly string[] {
  return results.map(({ partition, offsets, error }) => `${partition}: ${offsets.join(" ")} ${error?.code ?? "done"}`);
}

export const shareConsumer: Chapter = chapter("Share consumer", ({ contract: anyContract }) => {
  const contract = (name: string, show: (stage: Stage) => Promise<void>): void =>
    anyContract(name, show, { needs: "share groups" });

  contract(
    "with implicit acknowledgement the next poll accepts what the last one gave, and nobody gets it again",
    async (stage) => {
      const group = await newGroup(stage);
      await write(stage, group, "a", "b", "c");
      const first = member(stage, group);
      assert.deepEqual(deliveries(await take(first, 3)), ["a ×1", "b ×1", "c ×1"]);
      assert.deepEqual(await more(first), []);
      await first.close();
      assert.deepEqual(await more(member(stage, group)), []);
    },
  );

  contract("with implicit acknowledgement commit accepts, and says so for each partition", async (stage) => {
    const group = await newGroup(stage);
    await write(stage, group, "a", "b");
    const first = member(stage, group);
    await take(first, 2);
    assert.deepEqual(toldOf(await first.commit()), ["0: 0 1 done"]);
    assert.deepEqual(toldOf(await first.commit()), []);
    await first.close();
    assert.deepEqual(await more(member(stage, group)), []);
  });

  contract("closing releases what was polled last and not acknowledged, and another member gets it", async (stage) => {
    const group = await newGroup(stage);
    await write(stage, group, "a", "b");
    const first = member(stage, group);
    await take(first, 2);
    await first.close();
    const second = member(stage, group);
    assert.deepEqual(valuesIn(await take(second, 2)), ["a", "b"]);
    await second.commit();
  });

  contract("a record that is released is delivered again, and counted; one that is rejected is not", async (stage) => {
    const group = await newGroup(stage);
    await write(stage, group, "accepted", "released", "rejected");
    const consumer = explicitMember(stage, group);
    const [accepted, released, rejected] = await take(consumer, 3);
    assert.ok(accepted && released && rejected);
    consumer.acknowledge(accepted);
    consumer.acknowledge(released, "release");
    consumer.acknowledge(rejected, "reject");
    assert.deepEqual(toldOf(await consumer.commit()), ["0: 0 1 2 done"]);
    const again = await poll(consumer);
    assert.deepEqual(deliveries(again), ["released ×2"]);
    for (const record of again) consumer.acknowledge(record);
    assert.deepEqual(await more(consumer), []);
  });

  contract(
    "with explicit acknowledgement a poll before everything is acknowledged is refused, and loses nothing",
    async (stage) => {
      const group = await newGroup(stage);
      await write(stage, group, "a", "b");
      const consumer = explicitMember(stage, group);
      const [a, b] = await take(consumer, 2);
      assert.ok(a && b);
      consumer.acknowledge(a);
      await assert.rejects(consumer.poll(), { code: "ILLEGAL_STATE" });
      consumer.acknowledge(b);
      assert.deepEqual(await more(consumer), []);
      assert.throws(() => consumer.acknowledge(b), { code: "ILLEGAL_STATE" });
    },
  );

  contract(
    "a record whose lock is renewed comes again to the same member, without being counted, and is accepted then",
    async (stage) => {
      const group = await newGroup(stage);
      await write(stage, group, "a", "b");
      const consumer = explicitMember(stage, group);
      const [a, b] = await take(consumer, 2);
      assert.ok(a && b);
      consumer.acknowledge(a, "renew");
      consumer.acknowledge(b);
      assert.deepEqual(
        (await consumer.commit()).map(({ error }) => error),
        [undefined, undefined],
      );
      const again = await poll(consumer);
      assert.deepEqual(deliveries(again), ["a ×1"]);
      for (const record of again) consumer.acknowledge(record);
      assert.deepEqual(toldOf(await consumer.commit()), ["0: 0 done"]);
      assert.ok((consumer.acquisitionLockTimeoutMs ?? 0) > 0);
      assert.deepEqual(await more(consumer), []);
    },
  );

  contract("two members share one partition: nothing is lost, and nothing is accepted twice", async (stage) => {
    const group = await newGroup(stage);
    const count = 400;
    const members = [1, 2].map(() => member(stage, group, { maxPollRecords: 10, shareAcquireMode: "record_limit" }));
    const values = Array.from({ length: count }, (_, index) => String(index));
    for (let start = 0; start < count; start += 20) await write(stage, group, ...values.slice(start, start + 20));
    const accepted: string[] = [];
    const shares = await Promise.all(
      members.map(async (consumer) => {
        let share = 0;
        while (accepted.length < count) {
          const polled = [...(await consumer.poll({ timeoutMs: 200 }))];
          if (polled.length === 0) continue;
          assert.ok(polled.length <= 10, `${polled.length} records`);
          const results = await consumer.commit();
          assert.ok(results.every(({ error }) => error === undefined));
          accepted.push(...valuesIn(polled));
          share += polled.length;
        }
        return share;
      }),
    );
    const byNumber = accepted.map(Number).sort((one, other) => one - other);
    assert.deepEqual(byNumber, values.map(Number));
    assert.ok(
      shares.every((share) => share > 0),
      `they took ${shares.join(" and ")}`,
    );
  });

  contract("compressed batches of several partitions are read, with keys, headers and what deserializers make", async (stage) => {
    const group = await newGroup(stage, 3);
    const producer = stage.newProducer({ compression: "gzip" });
    const values = Array.from({ length: 60 }, (_, index) => `value ${index}`);
    await Promise.all(
      values.map((value, index) =>
        producer.send(group.topic, { key: `k${index}`, value, headers: { number: String(index) }, partition: index % 3 }),
      ),
    );
    const deserialize = (bytes: Uint8Array | null): string => textOf(bytes).toUpperCase();
    const consumer = stage.newShareConsumer<Uint8Array | null, string>({
      groupId: group.groupId,
      valueDeserializer: { deserialize },
    });
    consumer.subscribe([group.topic]);
    const read: string[] = [];
    while (read.length < values.length) {
      const polled = await consumer.poll({ timeoutMs: PATIENCE_MS });
      assert.ok(!polled.isEmpty);
      for (const { key, value, headers } of polled) read.push(`${textOf(key)} ${value} ${textOf(headers[0]?.[1])}`);
    }
    await consumer.commit();
    assert.deepEqual(read.sort(), values.map((value, index) => `k${index} ${value.toUpperCase()} ${index}`).sort());
  });

  contract("the markers of transactions are nobody's: they are acknowledged as gaps, and what follows is read", async (stage) => {
    const group = await newGroup(stage);
    const producer = stage.newProducer({ transactionalId: stage.uniqueName("id") });
    await producer.initTransactions();
    for (const value of ["a", "b"])
      await producer.transaction(async (transaction) => void (await transaction.send(group.topic, { value })));
    await write(stage, group, "c");
    const consumer = member(stage, group);
    assert.deepEqual(valuesIn(await take(consumer, 3)), ["a", "b", "c"]);
    await consumer.commit();
    assert.deepEqual(await more(consumer), []);
  });

  contract("a record that cannot be deserialized is an error once, and may be rejected by its place", async (stage) => {
    const group = await newGroup(stage);
    await write(stage, group, "good", "bad", "fine");
    const deserialize = (bytes: Uint8Array | null): string => {
      if (textOf(bytes) === "bad") throw new Error("bad");
      return textOf(bytes);
    };
    const { groupId, topic } = group;
    const base = { groupId, shareAcknowledgementMode: "explicit" } as const;
    const consumer = stage.newShareConsumer<Uint8Array | null, string>({ ...base, valueDeserializer: { deserialize } });
    consumer.subscribe(topic);
    const first = [...(await consumer.poll({ timeoutMs: PATIENCE_MS }))];
    assert.deepEqual(valuesIn(first), ["good"]);
    for (const record of first) consumer.acknowledge(record);
    await assert.rejects(consumer.poll({ timeoutMs: PATIENCE_MS }), {
      code: "DESERIALIZATION",
      offset: 1,
      message: /acknowledged as 'reject'/,
    });
    consumer.acknowledge({ topic, partition: 0, offset: 1 }, "reject");
    const last = [...(await consumer.poll({ timeoutMs: PATIENCE_MS }))];
    assert.deepEqual(valuesIn(last), ["fine"]);
    for (const record of last) consumer.acknowledge(record);
    await consumer.commit();
    assert.ok((await consumer.poll({ timeoutMs: A_MOMENT_MS })).isEmpty);
  });

  contract("a topic that is subscribed to beside others is read as well", async (stage) => {
    const group = await newGroup(stage);
    const other = await stage.topic();
    await write(stage, group, "a");
    await stage.produce(other, 0, written("b"));
    const consumer = member(stage, group);
    assert.deepEqual(valuesIn(await take(consumer, 1)), ["a"]);
    consumer.subscribe([group.topic, other]);
    assert.deepEqual(valuesIn(await take(consumer, 1)), ["b"]);
    await consumer.commit();
  });
});
