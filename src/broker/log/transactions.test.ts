import { beforeEach, describe, expect, it } from "vitest";
import { parseControlRecord, RecordBatch } from "../../protocol/index.ts";
import { BrokerConfigs } from "../configs/broker-configs.ts";
import { TopicConfigs } from "../configs/topic-configs.ts";
import { HeldClock } from "../held-clock.ts";
import { AppendRefusal } from "./append-refusal.ts";
import { PartitionLog } from "./partition-log.ts";

const DAY_MS = 86_400_000;

let clock: HeldClock;
let log: PartitionLog;

beforeEach(() => {
  clock = new HeldClock();
  const broker = new BrokerConfigs(new Map());
  log = new PartitionLog({ name: "orders-0", configs: new TopicConfigs(broker, new Map()), brokerConfigs: broker, clock });
  log.startLeaderEpoch(0);
});

interface Sent {
  readonly id?: bigint;
  readonly epoch?: number;
  readonly count?: number;
  readonly isTransactional?: boolean;
  readonly version?: number;
}

/** The offset that the batch got, or why it got none. */
function send(
  baseSequence: number,
  { id = 7n, epoch = 0, count = 1, isTransactional = false, version = 11 }: Sent = {},
): number | string {
  const records = Array.from({ length: count }, () => ({ value: "v", timestamp: clock.now() }));
  const bytes = RecordBatch.encode({ records, producerId: id, producerEpoch: epoch, baseSequence, isTransactional });
  return outcome(() => log.append(bytes, { produceVersion: version }).baseOffset);
}

function outcome<Value>(run: () => Value): Value | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof AppendRefusal) return error.errorName;
    throw error;
  }
}

function mark(
  type: "ABORT" | "COMMIT",
  {
    id = 7n,
    epoch = 0,
    coordinatorEpoch = 0,
    transactionVersion = 0,
  }: Partial<Record<"epoch" | "coordinatorEpoch" | "transactionVersion", number>> & { readonly id?: bigint } = {},
): string | undefined {
  return outcome(() => {
    log.appendEndMarker({ producerId: id, producerEpoch: epoch, type, coordinatorEpoch, transactionVersion });
    return undefined;
  });
}

describe("an idempotent producer", () => {
  it("gets the same offset and the batch's timestamp when it repeats one of its last five batches", () => {
    for (let sequence = 0; sequence < 6; sequence++) expect(send(sequence)).toBe(sequence);
    expect(send(5)).toBe(5);
    expect(send(1)).toBe(1);
    expect(log.endOffset).toBe(6);
    const repeated = RecordBatch.encode({
      records: [{ value: "v", timestamp: 1 }],
      producerId: 7n,
      producerEpoch: 0,
      baseSequence: 3,
    });
    expect(log.append(repeated, { produceVersion: 11 })).toEqual({ baseOffset: 3, lastOffset: 3, logAppendTimeMs: clock.now() });
    // The sixth batch back is forgotten; so it is one that came too late.
    expect(send(0)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
  });

  it("may begin anywhere when it is not known, and then must not leave a gap or overlap", () => {
    expect(send(7, { count: 3 })).toBe(0);
    expect(send(11)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(8, { count: 3 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(7, { count: 2 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(10)).toBe(3);
  });

  it("begins every new epoch at 0, and the old one is over", () => {
    send(0);
    expect(send(1, { epoch: 1 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(0, { epoch: 1 })).toBe(1);
    expect(send(1)).toBe("INVALID_PRODUCER_EPOCH");
  });

  it("counts on from 2^31-1 to 0, also inside a batch", () => {
    expect(send(0x7fff_fffe, { count: 3 })).toBe(0);
    expect(send(1, { count: 3 })).toBe(3);
    expect(send(0x7fff_fffe, { count: 3 })).toBe(0);
    expect(send(0x7fff_ffff, { id: 8n })).toBe(6);
    expect(send(0, { id: 8n })).toBe(7);
  });

  it("is forgotten when it has been silent for producer.id.expiration.ms", async () => {
    send(0);
    await clock.advance(DAY_MS - 300_001);
    expect(log.producers()).toHaveLength(1);
    await clock.advance(600_000);
    expect(log.producers()).toHaveLength(0);
    expect(send(5)).toBe(1);
  });

  it("is known again after a truncation, as far as the log remembers it", () => {
    send(0);
    send(1);
    log.truncateTo(1);
    expect(log.producers()).toMatchObject([{ producerId: 7n, lastSequence: 0 }]);
    expect(send(1)).toBe(1);
  });
});

describe("a transaction", () => {
  it("holds the last stable offset back until it is decided", () => {
    send(0, { id: 1n });
    send(0, { id: 2n, isTransactional: true });
    send(0, { id: 3n, isTransactional: true });
    expect(log.lastStableOffset).toBe(1);
    mark("COMMIT", { id: 2n });
    expect(log.lastStableOffset).toBe(2);
    mark("COMMIT", { id: 3n });
    expect(log.lastStableOffset).toBe(log.endOffset);
    expect(log.endOffset).toBe(5);
  });

  it("ends with a mark that Kafka's readers understand", () => {
    send(0, { isTransactional: true });
    mark("ABORT", { coordinatorEpoch: 4 });
    const marker = log.records().at(-1)!;
    expect(marker).toMatchObject({ isControl: true, isTransactional: true, producerId: 7n, producerEpoch: 0, baseSequence: -1 });
    const [record] = marker.records();
    expect(parseControlRecord(record!.key, record!.value)).toMatchObject({ type: "ABORT", coordinatorEpoch: 4 });
  });

  it("that was aborted is listed where it overlaps with what is read", () => {
    send(0, { id: 1n, isTransactional: true }); // 0
    send(0, { id: 2n, isTransactional: true }); // 1
    mark("ABORT", { id: 2n }); // 2
    send(1, { id: 1n, isTransactional: true }); // 3
    mark("ABORT", { id: 1n }); // 4
    send(1, { id: 2n, isTransactional: true }); // 5
    mark("COMMIT", { id: 2n }); // 6
    const listed = (from: number, to: number) =>
      log.abortedTransactions(from, to).map(({ producerId, firstOffset }) => [producerId, firstOffset]);
    expect(listed(0, 7)).toEqual([
      [2n, 1],
      [1n, 0],
    ]);
    expect(listed(3, 7)).toEqual([[1n, 0]]);
    expect(listed(0, 1)).toEqual([[1n, 0]]);
    expect(listed(5, 7)).toEqual([]);
    log.truncateTo(4);
    expect(listed(0, 4)).toEqual([[2n, 1]]);
    expect(log.lastStableOffset).toBe(0);
    log.deleteRecordsBefore(3);
    expect(listed(0, 4)).toEqual([]);
    expect(log.lastStableOffset).toBe(3);
  });

  it("without a record here leaves a mark, and nothing else", () => {
    mark("ABORT");
    expect([log.endOffset, log.lastStableOffset, log.abortedTransactions(0, 1)]).toEqual([1, 1, []]);
  });

  it("takes no batch that does not belong to it", () => {
    send(0, { isTransactional: true });
    expect(send(1)).toBe("INVALID_TXN_STATE");
    mark("COMMIT");
    expect(send(1)).toBe(2);
  });

  it("keeps its producer from being forgotten", async () => {
    send(0, { isTransactional: true });
    await clock.advance(2 * DAY_MS);
    expect(log.producers()).toMatchObject([{ producerId: 7n, currentTxnStartOffset: 0 }]);
  });

  it("is known again after a truncation", () => {
    send(0, { isTransactional: true });
    mark("ABORT");
    send(1, { id: 9n });
    log.truncateTo(1);
    expect([log.lastStableOffset, log.abortedTransactions(0, 1)]).toEqual([0, []]);
    expect(log.hasOpenTransaction(7n, 0)).toBe(true);
  });
});

describe("the first batch of a transaction", () => {
  it("cannot be overtaken by a later one while the coordinator has not admitted it", () => {
    log.noteTransactionAttempt({ producerId: 7n, producerEpoch: 0, baseSequence: 0 });
    log.noteTransactionAttempt({ producerId: 7n, producerEpoch: 0, baseSequence: 1 });
    expect(send(1, { isTransactional: true })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(0, { isTransactional: true })).toBe(0);
    expect(send(1, { isTransactional: true })).toBe(1);
  });

  it("has sequence 0 from a producer that takes an epoch for every transaction", () => {
    expect(send(3, { isTransactional: true, version: 12 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(send(3, { isTransactional: true, version: 11 })).toBe(0);
  });
});

describe("a mark", () => {
  it("of an older coordinator is refused", () => {
    send(0, { isTransactional: true });
    expect(mark("COMMIT", { coordinatorEpoch: 5 })).toBeUndefined();
    send(1, { isTransactional: true });
    expect(mark("COMMIT", { coordinatorEpoch: 4 })).toBe("TRANSACTION_COORDINATOR_FENCED");
    expect(log.lastStableOffset).toBe(2);
  });

  it("of an older epoch is refused; one of a newer epoch ends the transaction and the old epoch", () => {
    send(0, { isTransactional: true, epoch: 3 });
    expect(mark("ABORT", { epoch: 2 })).toBe("INVALID_PRODUCER_EPOCH");
    expect(mark("ABORT", { epoch: 4 })).toBeUndefined();
    expect(send(1, { isTransactional: true, epoch: 3 })).toBe("INVALID_PRODUCER_EPOCH");
    expect(send(0, { isTransactional: true, epoch: 4 })).toBe(2);
  });

  it("must raise the epoch under transaction version 2, unless it is repeated", () => {
    send(0, { isTransactional: true, epoch: 3 });
    expect(mark("COMMIT", { epoch: 3, transactionVersion: 2 })).toBe("INVALID_PRODUCER_EPOCH");
    expect(mark("COMMIT", { epoch: 4, transactionVersion: 2 })).toBeUndefined();
    expect(mark("COMMIT", { epoch: 4, transactionVersion: 2 })).toBeUndefined();
    expect(mark("COMMIT", { epoch: 3, transactionVersion: 2 })).toBe("INVALID_PRODUCER_EPOCH");
  });
});
