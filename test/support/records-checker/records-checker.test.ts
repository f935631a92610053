import { describe, expect, it } from "vitest";
import type { AnomalyKind } from "./anomalies.ts";
import { decodeValue, encodeValue, VALUE_LENGTH } from "./record-value.ts";
import { type CheckerOptions, type Isolation, RecordsChecker, type Verdict } from "./records-checker.ts";
import { type LedgerProducer, type LedgerTopic, type ProducerPromises, RecordsLedger } from "./records-ledger.ts";

/** One or two topics, and what is said to lie in them. */
class History {
  readonly ledger = new RecordsLedger(7);
  readonly orders: LedgerTopic = this.ledger.addTopic("orders", 2);
  readonly copies: LedgerTopic = this.ledger.addTopic("copies", 2);
  readonly #seen: ((checker: RecordsChecker) => void)[] = [];

  producer(promises: ProducerPromises = {}): LedgerProducer {
    return this.ledger.addProducer("writer", promises);
  }

  /** Sent to `orders-0` and acknowledged at these offsets. */
  acknowledged(producer: LedgerProducer, ...offsets: readonly number[]): readonly number[] {
    return offsets.map((offset) => {
      const id = this.ledger.sent({ producer, topic: this.orders, partition: 0 });
      this.ledger.acknowledged(id, 0, offset);
      return id;
    });
  }

  /** In a transaction that ended so; the numbers of its records, which were acknowledged at these offsets of `orders-0`. */
  transaction(end: "committed" | "aborted" | "unknown" | "open", ...offsets: readonly number[]): readonly number[] {
    const producer = this.producer();
    const transaction = this.ledger.begin();
    const ids = offsets.map((offset) => {
      const id = this.ledger.sent({ producer, topic: this.orders, partition: 0, transaction });
      this.ledger.acknowledged(id, 0, offset);
      return id;
    });
    this.ledger.ended(transaction, end);
    return ids;
  }

  copied(input: number, offset: number): number {
    const [producer] = this.ledger.producers;
    const id = this.ledger.sent({ producer: producer!, topic: this.copies, partition: 0, copyOf: input });
    this.ledger.acknowledged(id, 0, offset);
    return id;
  }

  /** Offsets and records of a partition. */
  log(
    entries: Readonly<Record<number, number>>,
    options: { topic?: LedgerTopic; partition?: number; isolation?: Isolation } = {},
  ): void {
    const { topic = this.orders, partition = 0, isolation } = options;
    for (const [offset, id] of Object.entries(entries)) {
      const value = Buffer.from(this.ledger.value(id));
      for (const seenIn of isolation === undefined ? (["uncommitted", "committed"] as const) : [isolation])
        this.#seen.push((checker) => checker.saw(seenIn, topic, partition, Number(offset), value));
    }
  }

  bytes(offset: number, value: string | Uint8Array): void {
    this.#seen.push((checker) => checker.saw("uncommitted", this.orders, 0, offset, Buffer.from(value)));
  }

  verdict(options: CheckerOptions = {}): Verdict {
    const checker = new RecordsChecker(this.ledger, options);
    for (const see of this.#seen) see(checker);
    return checker.verdict();
  }

  found(options: CheckerOptions = {}): readonly (readonly [AnomalyKind, number])[] {
    return [...this.verdict(options).anomalies.counts];
  }
}

describe("a record's value", () => {
  const value = { run: 4_000_000_000, id: 3_999_999_999, topic: 300, partition: 65_535, producer: 70_000, transaction: 5 };

  it("comes back from its 32 characters", () => {
    const text = encodeValue(value);
    expect(text).toHaveLength(VALUE_LENGTH);
    const decoded = { run: 0, id: 0, topic: 0, partition: 0, producer: 0, transaction: 0 };
    expect(decodeValue(Buffer.from(text), decoded)).toBe(true);
    expect(decoded).toEqual(value);
  });

  it("is not believed when any of its characters is another one, or is missing", () => {
    const text = encodeValue(value);
    const decoded = { ...value };
    for (let index = 0; index < VALUE_LENGTH; index++) {
      for (const other of ["A", "b", "/", "=", "\u0000"]) {
        if (text[index] === other) continue;
        expect(decodeValue(Buffer.from(text.slice(0, index) + other + text.slice(index + 1)), decoded)).toBe(false);
      }
      expect(decodeValue(Buffer.from(text.slice(0, index)), decoded)).toBe(false);
    }
    expect(decodeValue(Buffer.from(`${text}A`), decoded)).toBe(false);
  });
});

describe("a clean history", () => {
  it("is passed: gaps of offsets, records that failed, that were answered without an offset, and readers that read again", () => {
    const history = new History();
    const writer = history.producer();
    const [one, two] = history.acknowledged(writer, 3, 10_000);
    const gone = history.ledger.sent({ producer: writer, topic: history.orders, partition: 0 });
    history.ledger.failed(gone, "not persisted");
    const perhaps = history.ledger.sent({ producer: writer, topic: history.orders, partition: 0 });
    history.ledger.failed(perhaps, "possibly persisted");
    const perhapsNot = history.ledger.sent({ producer: writer, topic: history.orders, partition: 0 });
    history.ledger.failed(perhapsNot, "possibly persisted");
    const chosen = history.ledger.sent({ producer: writer, topic: history.orders });
    history.ledger.acknowledged(chosen, 1, -1);
    history.log({ 3: one!, 10000: two!, 10001: perhaps });
    history.log({ 3: one! });
    history.log({ 0: chosen }, { partition: 1 });
    const verdict = history.verdict();
    expect([...verdict.anomalies.counts, ...verdict.allowed.counts]).toEqual([]);
    expect(verdict).toMatchObject({ records: 6, present: 4, facts: 4 });
  });

  it("is passed: transactions that are whole or not there, and copies that are exact", () => {
    const history = new History();
    const [one, two] = history.transaction("committed", 0, 1);
    const [three] = history.transaction("aborted", 3);
    const [four, five] = history.transaction("unknown", 5, 6);
    const [six] = history.transaction("unknown", 8);
    const [seven] = history.transaction("open", 9);
    history.log({ 0: one!, 1: two!, 5: four!, 6: five! });
    history.log({ 3: three!, 8: six!, 9: seven! }, { isolation: "uncommitted" });
    const copies = [one!, two!, four!, five!].map((input, index) => history.copied(input, index * 2));
    history.log(Object.fromEntries(copies.map((id, index) => [index * 2, id])), { topic: history.copies });
    expect(history.found({ copied: [history.orders] })).toEqual([]);
  });

  it("says nothing of aborted records to those who read only what is committed", () => {
    const history = new History();
    history.transaction("aborted", 0);
    const [kept] = history.transaction("committed", 2);
    history.log({ 2: kept! }, { isolation: "committed" });
    expect(history.found({ isolations: ["committed"] })).toEqual([]);
  });
});

describe("what a producer must not do is called by its name:", () => {
  it("lost", () => {
    const history = new History();
    const [one] = history.acknowledged(history.producer(), 0, 1);
    history.log({ 0: one! });
    expect(history.found()).toEqual([["lost", 1]]);
    expect(history.verdict().anomalies.told[0]?.what).toBe("record 1 of writer to orders-0, acknowledged at orders-0@1");
  });

  it("lost, by those who read only what is committed", () => {
    const history = new History();
    const [one] = history.transaction("committed", 0, 1);
    history.log({ 0: one! }, { isolation: "committed" });
    expect(new Map(history.found({ isolations: ["committed"] })).get("lost")).toBe(1);
  });

  it("doubled, in one partition and over two", () => {
    const history = new History();
    const [one, two] = history.acknowledged(history.producer(), 0, 1);
    history.log({ 0: one!, 1: two!, 2: one! });
    expect(history.found()).toEqual([["doubled", 1]]);
    const other = new History();
    const id = other.ledger.sent({ producer: other.producer(), topic: other.orders });
    other.ledger.acknowledged(id, 1, 5);
    other.log({ 4: id });
    other.log({ 5: id }, { partition: 1 });
    expect(other.found()).toEqual([["doubled", 1]]);
  });

  it("reordered, also among what failed as possibly persisted; not between two producers", () => {
    const history = new History();
    const writer = history.producer();
    const late = history.ledger.sent({ producer: writer, topic: history.orders, partition: 0 });
    history.ledger.failed(late, "possibly persisted");
    const [one] = history.acknowledged(writer, 0);
    history.log({ 0: one!, 1: late });
    expect(history.found()).toEqual([["reordered", 1]]);
    const other = new History();
    const [first] = other.acknowledged(other.producer(), 1);
    const [second] = other.acknowledged(other.producer(), 0);
    other.log({ 0: second!, 1: first! });
    expect(other.found()).toEqual([]);
  });

  it("ack-offset-mismatch", () => {
    const history = new History();
    const [one, two] = history.acknowledged(history.producer(), 1, 0);
    history.log({ 0: one!, 1: two! });
    expect(history.found()).toEqual([["ack-offset-mismatch", 2]]);
    const other = new History();
    const id = other.ledger.sent({ producer: other.producer(), topic: other.orders });
    other.ledger.acknowledged(id, 1, -1);
    other.log({ 0: id });
    expect(other.found()).toEqual([["ack-offset-mismatch", 1]]);
  });

  it("misrouted, to another partition and to another topic", () => {
    const history = new History();
    const [one, two] = history.acknowledged(history.producer(), 0, 1);
    history.log({ 0: one! }, { partition: 1 });
    history.log({ 1: two! }, { topic: history.copies });
    expect(new Map(history.found()).get("misrouted")).toBe(4);
    expect(history.verdict().anomalies.told[0]?.what).toContain("lies at orders-1@0");
  });

  it("corrupt: not our bytes, and bytes of another record's number", () => {
    const history = new History();
    const [one] = history.acknowledged(history.producer(), 0);
    history.log({ 0: one! });
    history.bytes(1, "something else");
    history.bytes(2, history.ledger.value(one!).replace(/^../, "zz"));
    history.bytes(0, encodeValue({ run: 7, id: one!, topic: 0, partition: 1, producer: 0, transaction: 0 }));
    expect(history.found()).toEqual([["corrupt", 3]]);
  });

  it("unknown: of another run, or never sent", () => {
    const history = new History();
    const [one] = history.acknowledged(history.producer(), 0);
    history.log({ 0: one! });
    const value = { id: 0, topic: 0, partition: 0, producer: 0, transaction: 0 };
    history.bytes(1, encodeValue({ ...value, run: 6 }));
    history.bytes(2, encodeValue({ ...value, run: 7, id: 1 }));
    expect(history.found()).toEqual([["unknown", 2]]);
  });

  it("inconsistent-offsets", () => {
    const history = new History();
    const [one, two] = history.acknowledged(history.producer(), 0, 1);
    history.log({ 0: one!, 1: two! });
    history.log({ 0: two! }, { isolation: "committed" });
    expect(history.found()).toEqual([["inconsistent-offsets", 1]]);
  });

  it("np-but-present, whatever the producer is held to", () => {
    const history = new History();
    const id = history.ledger.sent({ producer: history.producer({ idempotent: false, acks: 1 }), topic: history.orders });
    history.ledger.failed(id, "not persisted");
    history.log({ 0: id });
    expect(history.found()).toEqual([["np-but-present", 1]]);
  });

  it("callback-count: two answers, none, and one to nothing; but who is killed owes none", () => {
    const history = new History();
    const writer = history.producer();
    const [twice] = history.acknowledged(writer, 0);
    history.ledger.failed(twice!, "possibly persisted");
    history.ledger.acknowledged(99, 0, 0);
    history.ledger.sent({ producer: writer, topic: history.orders });
    const killed = history.producer();
    history.ledger.sent({ producer: killed, topic: history.orders });
    history.ledger.abandon(killed);
    history.log({ 0: twice! });
    expect(history.found()).toEqual([["callback-count", 3]]);
  });

  it("callback-order, within a partition", () => {
    const history = new History();
    const writer = history.producer();
    const [one, two, elsewhere] = [0, 0, 1].map((partition) =>
      history.ledger.sent({ producer: writer, topic: history.orders, partition }),
    );
    history.ledger.acknowledged(elsewhere!, 1, 0);
    history.ledger.acknowledged(two!, 0, 1);
    history.ledger.acknowledged(one!, 0, 0);
    history.log({ 0: one!, 1: two! });
    history.log({ 0: elsewhere! }, { partition: 1 });
    expect(history.found()).toEqual([["callback-order", 1]]);
  });

  it("hidden", () => {
    const history = new History();
    const [one] = history.acknowledged(history.producer(), 0);
    history.log({ 0: one! }, { isolation: "uncommitted" });
    expect(history.found()).toEqual([["hidden", 1]]);
    expect(history.found({ isolations: ["uncommitted"] })).toEqual([]);
  });

  it("aborted-visible, also of a transaction that nobody has ended", () => {
    const history = new History();
    const [aborted] = history.transaction("aborted", 0);
    const [open] = history.transaction("open", 2);
    history.log({ 0: aborted!, 2: open! });
    expect(history.found()).toEqual([["aborted-visible", 2]]);
  });

  it("torn-transaction, of a known and of an unknown end", () => {
    for (const end of ["committed", "unknown"] as const) {
      const history = new History();
      const [one, two] = history.transaction(end, 0, 1);
      history.log({ 0: one! });
      history.log({ 1: two! }, { isolation: "uncommitted" });
      expect(history.found()).toEqual([["torn-transaction", 1]]);
    }
  });

  it("torn-transaction: committed although a record of it had failed", () => {
    const history = new History();
    const transaction = history.ledger.begin();
    const id = history.ledger.sent({ producer: history.producer(), topic: history.orders, partition: 0, transaction });
    history.ledger.failed(id, "not persisted");
    history.ledger.ended(transaction, "committed");
    expect(history.found()).toEqual([["torn-transaction", 1]]);
  });

  it("eos-copy: missing, made twice, out of order, or of what is not committed", () => {
    const copied = (copies: (inputs: readonly number[], history: History) => readonly number[]): readonly unknown[] => {
      const history = new History();
      const inputs = history.acknowledged(history.producer(), 0, 1, 2);
      history.log({ 0: inputs[0]!, 1: inputs[1]!, 2: inputs[2]! });
      const made = copies(inputs, history).map((input, offset) => history.copied(input, offset));
      history.log(Object.fromEntries(made.entries()), { topic: history.copies });
      return history.found({ copied: [history.orders] });
    };
    expect(copied((inputs) => inputs)).toEqual([]);
    expect(copied(([one, , three]) => [one!, three!])).toEqual([["eos-copy", 1]]);
    expect(copied(([one, two, three]) => [one!, two!, two!, three!])).toEqual([["eos-copy", 2]]);
    expect(copied(([one, two, three]) => [one!, three!, two!])).toEqual([["eos-copy", 1]]);
    expect(
      copied((inputs, history) => {
        const [aborted] = history.transaction("aborted", 3);
        history.log({ 3: aborted! }, { isolation: "uncommitted" });
        return [...inputs, aborted!];
      }),
    ).toEqual([["eos-copy", 1]]);
  });
});

describe("what a producer is not held to", () => {
  it("is counted apart: what one doubles and reorders that is not idempotent, and loses without acks of all", () => {
    const history = new History();
    const [one, two, three] = history.acknowledged(history.producer({ idempotent: false, acks: 1 }), 1, 0, 2);
    history.log({ 0: two!, 1: one!, 3: two! });
    expect(three).toBe(2);
    const { anomalies, allowed } = history.verdict();
    expect([...anomalies.counts]).toEqual([]);
    expect(new Map(allowed.counts)).toEqual(
      new Map([
        ["doubled", 1],
        ["reordered", 1],
        ["lost", 1],
      ]),
    );
  });
});

it("counts all anomalies of a large history, and tells the first of each kind", () => {
  const history = new History();
  const writer = history.producer();
  const checker = new RecordsChecker(history.ledger, { isolations: ["uncommitted"] });
  for (let number = 0; number < 100_000; number++) {
    const id = history.ledger.sent({ producer: writer, topic: history.orders, partition: number % 2 });
    history.ledger.acknowledged(id, number % 2, number >> 1);
    if (number % 1000 !== 500)
      checker.saw("uncommitted", history.orders, number % 2, number >> 1, Buffer.from(history.ledger.value(id)));
  }
  const { anomalies, facts, present } = checker.verdict();
  expect([...anomalies.counts]).toEqual([["lost", 100]]);
  expect(anomalies.told).toHaveLength(20);
  expect([facts, present]).toEqual([99_900, 99_900]);
});
