import { type Consumer, type ConsumerRecord, KafkaError, type Producer, type ProducerRecord } from "../../src/index.ts";

// docs: from here
export interface Transformation<K, V> {
  /** In a group, with `enableAutoCommit: false` and `isolationLevel: "read_committed"`. */
  readonly consumer: Consumer<K, V>;
  /** Transactional, and initialized. */
  readonly producer: Producer<K, V>;
  readonly to: string;
  readonly transform: (records: readonly ConsumerRecord<K, V>[]) => Promise<readonly ProducerRecord<K, V>[]>;
  readonly isOver: () => boolean;
}

/** What it reads comes to another topic, transformed, once. Rejects with what only a new consumer and a new producer can get over. */
export async function transformOnce<K, V>({ consumer, producer, to, transform, isOver }: Transformation<K, V>): Promise<void> {
  while (!isOver()) {
    const records = await consumer.poll({ timeoutMs: 500 });
    if (records.isEmpty) continue;
    try {
      await producer.transaction(async (tx) => {
        const sent = tx.sendBatch(to, await transform([...records]));
        await Promise.all([sent, tx.sendOffsets(records.nextOffsets(), consumer.groupMetadata())]);
      });
    } catch (error) {
      if (!isAborted(error)) throw error;
      // The same once more, of those partitions that have not been lost meanwhile.
      const held = new Set(consumer.assignment().map(({ topic, partition }) => `${topic}/${partition}`));
      for (const place of records.partitions()) {
        const [first] = records.records(place);
        if (first !== undefined && held.has(`${place.topic}/${place.partition}`)) consumer.seek(place, first.offset);
      }
    }
  }
}

/** As opposed to: undecided, fenced off by another producer, or a mistake of `transform`. */
function isAborted(error: unknown): boolean {
  return error instanceof KafkaError && error.abortable && !("abortFailure" in error);
}
// docs: to here
