// What clients do to logs: they produce, in transactions or not, fetch, delete.

import { RecordBatch } from "../../../src/protocol/index.ts";
import { coordinatorOf, type Deed, GROUPS, IDS, leaderOf, remember, type Setting, TOPICS } from "./deed.ts";

interface Producer {
  readonly transactionalId: string | null;
  producerId: bigint;
  producerEpoch: number;
  readonly sequences: Map<string, number>;
}

export class LogDeeds {
  readonly #setting: Setting;
  readonly #producers: Producer[] = [];

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  init(): Deed {
    const transactionalId = this.#setting.random.below(4) === 0 ? null : this.#setting.random.pick(IDS);
    const version = this.#setting.random.pick([1, 3, 5]);
    const known = this.#setting.random.below(3) === 0 ? this.#setting.random.pick([...this.#producers, undefined]) : undefined;
    const more = known === undefined || version < 3 ? {} : { producerId: known.producerId, producerEpoch: known.producerEpoch };
    return [
      coordinatorOf(this.#setting, "transaction", transactionalId),
      async (ask) => {
        const body = { transactionalId, transactionTimeoutMs: 20_000, ...more };
        const { errorCode, producerId, producerEpoch } = await ask("InitProducerId", body, version);
        if (errorCode === 0) remember(this.#producers, { transactionalId, producerId, producerEpoch, sequences: new Map() });
      },
    ];
  }

  produce(): Deed {
    const random = this.#setting.random;
    const producer = random.pick([...this.#producers, undefined]);
    const [topic, index] = [random.pick(TOPICS), random.below(2)];
    const place = `${topic}-${index}`;
    const count = 1 + random.below(3);
    const slip = random.below(8) === 0 ? random.pick([-1, 1, 2]) : 0;
    const version = random.pick([7, 11, 12]);
    const transactionalId = random.below(15) === 0 ? random.pick(IDS) : (producer?.transactionalId ?? null);
    return [
      leaderOf(this.#setting, topic, index),
      async (ask) => {
        const records = Array.from({ length: count }, (_, i) => ({ value: `v${i}`, timestamp: this.#setting.clock.now() }));
        const baseSequence = Math.max(0, (producer?.sequences.get(place) ?? 0) + slip);
        const { producerId = -1n, producerEpoch = -1 } = producer ?? {};
        const idempotence =
          producer === undefined ? {} : { producerId, producerEpoch, baseSequence, isTransactional: transactionalId !== null };
        const batch = RecordBatch.encode({ records, ...idempotence });
        const body = {
          acks: random.pick([-1, 1]),
          timeoutMs: 100,
          transactionalId,
          topicData: [{ name: topic, partitionData: [{ index, records: batch }] }],
        };
        const { responses } = await ask("Produce", body, version);
        const error = responses[0]?.partitionResponses[0]?.errorCode;
        if (error === 0 && slip === 0) {
          producer?.sequences.set(place, baseSequence + count);
          this.#setting.count("a batch");
        }
        if (error === 45 && producer !== undefined) producer.sequences.set(place, random.below(2) === 0 ? 0 : baseSequence + 1);
      },
    ];
  }

  end(): Deed {
    const producer = this.#setting.random.pick([...this.#producers, undefined]);
    const committed = this.#setting.random.below(2) === 0;
    const version = this.#setting.random.pick([3, 5, 5]);
    return [
      coordinatorOf(this.#setting, "transaction", producer?.transactionalId),
      async (ask) => {
        if (producer === undefined || producer.transactionalId === null) return;
        const { transactionalId, producerId, producerEpoch } = producer;
        const answer = await ask("EndTxn", { transactionalId, producerId, producerEpoch, committed }, version);
        if (answer.errorCode !== 0 || version < 5) return;
        if (answer.producerEpoch !== producerEpoch) producer.sequences.clear();
        producer.producerId = answer.producerId;
        producer.producerEpoch = answer.producerEpoch;
      },
    ];
  }

  addPartitions(): Deed {
    const producer = this.#setting.random.pick([...this.#producers, undefined]);
    const topic = this.#setting.random.pick(TOPICS);
    return [
      coordinatorOf(this.#setting, "transaction", producer?.transactionalId),
      async (ask) => {
        if (producer === undefined || producer.transactionalId === null) return;
        await ask(
          "AddPartitionsToTxn",
          {
            v3AndBelowTransactionalId: producer.transactionalId,
            v3AndBelowProducerId: producer.producerId,
            v3AndBelowProducerEpoch: producer.producerEpoch,
            v3AndBelowTopics: [{ name: topic, partitions: [0, 1] }],
          },
          3,
        );
      },
    ];
  }

  txnOffsets(): Deed {
    const producer = this.#setting.random.pick([...this.#producers, undefined]);
    const groupId = this.#setting.random.pick(GROUPS);
    const name = this.#setting.random.pick(TOPICS);
    const version = this.#setting.random.pick([3, 5]);
    return [
      coordinatorOf(this.#setting, version < 5 ? "transaction" : "group", version < 5 ? producer?.transactionalId : groupId),
      async (ask) => {
        if (producer === undefined || producer.transactionalId === null) return;
        const { transactionalId, producerId, producerEpoch } = producer;
        if (version < 5) await ask("AddOffsetsToTxn", { transactionalId, producerId, producerEpoch, groupId }, 3);
        const topics = [{ name, partitions: [{ partitionIndex: 0, committedOffset: 1 }] }];
        await ask("TxnOffsetCommit", { transactionalId, groupId, producerId, producerEpoch, topics }, version);
      },
    ];
  }

  fetch(): Deed {
    const random = this.#setting.random;
    const topic = random.pick(TOPICS);
    const [maxWaitMs, minBytes, isolationLevel, fetchOffset] = [
      random.below(60_000),
      random.below(2000),
      random.below(2),
      random.below(20),
    ];
    return [
      leaderOf(this.#setting, topic, 0),
      (ask) =>
        ask(
          "Fetch",
          {
            maxWaitMs,
            minBytes,
            maxBytes: 1 << 20,
            isolationLevel,
            topics: [{ topic, partitions: [0, 1].map((partition) => ({ partition, fetchOffset, partitionMaxBytes: 1000 })) }],
          },
          12,
        ),
    ];
  }

  delete(): Deed {
    const random = this.#setting.random;
    const [name, groupId, kind] = [random.pick(TOPICS), random.pick(GROUPS), random.below(12)];
    return [
      leaderOf(this.#setting, name, 1),
      async (ask) => {
        if (kind === 0) await ask("DeleteGroups", { groupsNames: [groupId] });
        else if (kind === 1) await ask("DeleteTopics", { topics: [{ name }], timeoutMs: 1000 });
        else if (kind === 2) await ask("CreatePartitions", { topics: [{ name, count: 3, assignments: null }], timeoutMs: 1000 });
        else if (kind === 3) {
          const partitions = [{ partitionIndex: 1, offset: random.pick([1, 3, -1]) }];
          await ask("DeleteRecords", { topics: [{ name, partitions }], timeoutMs: 1000 });
        } else if (kind < 6) await ask("OffsetDelete", { groupId, topics: [{ name, partitions: [{ partitionIndex: 0 }] }] });
        else if (kind < 9) {
          const partitions = [{ partitionIndex: 0, replicas: random.pick([[1], [2, 3], [3, 1, 2], null]) }];
          await ask("AlterPartitionReassignments", { timeoutMs: 1000, topics: [{ name, partitions }] });
        } else await ask("ElectLeaders", { electionType: random.below(2), topicPartitions: null, timeoutMs: 1000 });
      },
    ];
  }
}
