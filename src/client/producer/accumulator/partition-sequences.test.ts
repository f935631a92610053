import { describe, expect, it } from "vitest";
import { PartitionSequences, sequenceAfter } from "./partition-sequences.ts";

const FIRST = { producerId: 7n, producerEpoch: 0 };

function counting(): PartitionSequences {
  const sequences = new PartitionSequences();
  sequences.restart(FIRST);
  return sequences;
}

describe("sequence numbers", () => {
  it("begin again at 0 behind the greatest", () => {
    const max = 0x7fff_ffff;
    expect(sequenceAfter(5, 3)).toBe(8);
    expect(sequenceAfter(max - 1, 1)).toBe(max);
    expect(sequenceAfter(max, 1)).toBe(0);
    expect(sequenceAfter(max - 1, 5)).toBe(3);
  });

  it("P26: are given out without gaps, by records", () => {
    const sequences = counting();
    expect([3, 1, 2].map((records) => sequences.assign(records).baseSequence)).toEqual([0, 3, 4]);
  });

  it("cannot be given out without an identity", () => {
    expect(() => new PartitionSequences().assign(1)).toThrow("producer id");
  });

  it("know which batch the broker expects", () => {
    const sequences = counting();
    const [a, b] = [sequences.assign(2), sequences.assign(1)];
    expect([sequences.isNext(a), sequences.isNext(b)]).toEqual([true, false]);
    sequences.acknowledged(a, 2);
    expect([sequences.isNext(b), sequences.isComplete]).toEqual([true, false]);
    sequences.acknowledged(b, 1);
    expect(sequences.isComplete).toBe(true);
  });

  it("P1: a batch in doubt that is acknowledged after those behind it does not set back what the broker expects", () => {
    const sequences = counting();
    const [doubtful, behind] = [sequences.assign(2), sequences.assign(1)];
    expect(sequences.isBehind(doubtful)).toBe(false);
    sequences.acknowledged(behind, 1);
    expect([sequences.isBehind(doubtful), sequences.isComplete]).toEqual([true, true]);
    sequences.acknowledged(doubtful, 2);
    expect(sequences.isComplete).toBe(true);
    expect(sequences.assign(1).baseSequence).toBe(3);
  });

  it("tell before from behind also where the numbers begin again", () => {
    const sequences = counting();
    const last = sequences.assign(0x7fff_ffff);
    const [over, behind] = [sequences.assign(2), sequences.assign(1)];
    expect([over.baseSequence, behind.baseSequence]).toEqual([0x7fff_ffff, 1]);
    // Nobody has so many batches on their way: one by one.
    sequences.acknowledged({ ...last, baseSequence: 0 }, 0x3fff_ffff);
    sequences.acknowledged({ ...last, baseSequence: 0x3fff_ffff }, 0x4000_0000 - 1);
    sequences.acknowledged({ ...last, baseSequence: 0x7fff_fffe }, 1);
    sequences.acknowledged(over, 2);
    expect([sequences.isBehind(over), sequences.isNext(behind)]).toEqual([true, true]);
  });

  it("are broken by a batch that will never arrive, unless nothing is missing", () => {
    const sequences = counting();
    sequences.broken();
    expect(sequences.isBroken).toBe(false);
    sequences.assign(1);
    sequences.broken();
    expect(sequences.isBroken).toBe(true);
  });

  it("P17: are whole again when what was thought lost is acknowledged after all", () => {
    const sequences = counting();
    const late = sequences.assign(1);
    sequences.broken();
    sequences.acknowledged(late, 1);
    expect(sequences.isBroken).toBe(false);
  });

  it("P9: begin at 0 in a new epoch, and what is said of the old one counts no more", () => {
    const sequences = counting();
    const old = sequences.assign(4);
    sequences.broken();
    sequences.restart({ ...FIRST, producerEpoch: 1 });
    expect([sequences.isBroken, sequences.isComplete]).toEqual([false, true]);
    sequences.acknowledged(old, 4);
    expect(sequences.isComplete).toBe(true);
    expect(sequences.isNext(old)).toBe(false);
    expect(sequences.assign(1)).toEqual({ producerId: 7n, producerEpoch: 1, baseSequence: 0 });
  });

  it("are known to the broker from the first acknowledged batch of an id on, whatever its epoch; a new id is not known", () => {
    const sequences = counting();
    expect(sequences.isKnownToBroker).toBe(false);
    sequences.acknowledged(sequences.assign(1), 1);
    sequences.restart({ ...FIRST, producerEpoch: 1 });
    expect(sequences.isKnownToBroker).toBe(true);
    sequences.restart({ producerId: 8n, producerEpoch: 0 });
    expect(sequences.isKnownToBroker).toBe(false);
  });

  it("P10: are outlived when all that was acknowledged has left the log, and begin at 0 in the same epoch", () => {
    const sequences = counting();
    expect(sequences.isOutlivedBy(0)).toBe(false);
    sequences.acknowledged(sequences.assign(2), 2, 11);
    // What was in doubt is acknowledged late, or nobody knows where it is.
    sequences.acknowledged(sequences.assign(1), 1, 9);
    sequences.acknowledged(sequences.assign(1), 1);
    expect([11, 12].map((logStartOffset) => sequences.isOutlivedBy(logStartOffset))).toEqual([false, true]);
    sequences.assign(3);
    sequences.forgotten();
    expect([sequences.isBroken, sequences.isKnownToBroker]).toEqual([true, false]);
    sequences.rewind();
    expect(sequences.assign(1)).toEqual({ ...FIRST, baseSequence: 0 });
  });

  it("can be counted on from behind the last that was acknowledged", () => {
    const sequences = counting();
    sequences.acknowledged(sequences.assign(3), 3);
    sequences.assign(5);
    sequences.broken();
    sequences.rewind();
    expect(sequences.isBroken).toBe(false);
    expect(sequences.assign(1).baseSequence).toBe(3);
  });
});
