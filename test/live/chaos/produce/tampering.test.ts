import { expect, it } from "vitest";
import { RecordsChecker } from "../../../support/records-checker/records-checker.ts";
import { RecordsLedger } from "../../../support/records-checker/records-ledger.ts";
import { type ReadRecord, Tampering } from "./tampering.ts";

/** A ledger with something of everything, and the logs that belong to it. */
function cleanRun(records: number) {
  const ledger = new RecordsLedger(3);
  const [orders, inputs, copies] = [ledger.addTopic("orders", 2), ledger.addTopic("inputs", 1), ledger.addTopic("copies", 1)];
  const [plain, writer, copier] = ["plain", "writer", "copier"].map((name) => ledger.addProducer(name));
  const read: ReadRecord[] = [];
  const ends = new Map<string, number>();
  const write = (id: number, topic: typeof orders, partition: number, isVisible: boolean): void => {
    const offset = ends.get(`${topic.name}-${partition}`) ?? 0;
    ends.set(`${topic.name}-${partition}`, offset + 1);
    ledger.acknowledged(id, partition, offset);
    const record = { topic, partition, offset, value: Buffer.from(ledger.value(id)) };
    read.push({ ...record, isolation: "uncommitted" });
    if (isVisible) read.push({ ...record, isolation: "committed" });
  };
  for (let number = 0; number < records; number++) {
    write(ledger.sent({ producer: plain!, topic: orders, partition: number % 2 }), orders, number % 2, true);
    const isCommitted = number % 3 > 0;
    const end = isCommitted ? "committed" : "aborted";
    const [one, other] = [ledger.begin(), ledger.begin()];
    const input = ledger.sent({ producer: writer!, topic: inputs, partition: 0, transaction: one });
    ledger.ended(one, end);
    write(input, inputs, 0, isCommitted);
    if (!isCommitted) continue;
    const copy = ledger.sent({ producer: copier!, topic: copies, partition: 0, transaction: other, copyOf: input });
    ledger.ended(other, "committed");
    write(copy, copies, 0, true);
  }
  ledger.failed(ledger.sent({ producer: plain!, topic: orders }), "not persisted");
  return { ledger, inputs, read };
}

it("plants one anomaly of each kind that a log can show, each into a copy of its own, and the checker names it", () => {
  const { ledger, inputs, read } = cleanRun(30);
  const checker = new RecordsChecker(ledger, { copied: [inputs] });
  const tampering = new Tampering(ledger, [inputs]);
  for (const record of read) {
    checker.saw(record.isolation, record.topic, record.partition, record.offset, record.value);
    tampering.saw(record);
  }
  expect([...checker.verdict().anomalies.counts]).toEqual([]);
  const proofs = tampering.proofs();
  expect(proofs.filter(({ isFound }) => !isFound)).toEqual([]);
  expect(new Set(proofs.map(({ kind }) => kind)).size).toBe(13);
});

it("says so where a run has nothing that could be falsified in such a way", () => {
  const { ledger, inputs } = cleanRun(0);
  const missed = new Tampering(ledger, [inputs]).proofs().filter(({ isFound }) => !isFound);
  expect(missed.find(({ kind }) => kind === "lost")?.what).toBe("no record suits it");
});
