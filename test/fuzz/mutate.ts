import type { Random } from "./random.ts";

/** No input grows beyond this: a larger one finds nothing that a small one does not, only later. */
const MOST_BYTES = 8192;

/** Numbers at the edges of what lengths, counts and tags may be: int8 to int64, then varints. */
const NUMBERS: readonly Buffer[] = [
  "00 01 02 7f 80 ff",
  "0000 0001 7fff 8000 ffff",
  "00000000 00000001 00010000 7fffffff 80000000 ffffffff fffffffe",
  "0000000000000000 001fffffffffffff 0020000000000000 7fffffffffffffff 8000000000000000 ffffffffffffffff",
  "8000 8001 ff01 ffff03 808002 ffffffff07 8080808008 ffffffff0f ffffffff7f 8080808080",
  "feffffff0f ffffffffffffffffff01 feffffffffffffffff01 80808080808080808001",
]
  .flatMap((line) => line.split(" "))
  .map((hex) => Buffer.from(hex, "hex"));

type Mutation = (bytes: Buffer, random: Random, others: Others) => Buffer;

interface Others {
  /** Another input, to cross this one with. */
  readonly other: Uint8Array;
  readonly dictionary: readonly Uint8Array[];
}

function spliced(bytes: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(Math.min(at + removed, bytes.length))]);
}

function slice(bytes: Uint8Array, random: Random): Uint8Array {
  const start = random.below(bytes.length);
  return bytes.subarray(start, start + 1 + random.below(Math.min(bytes.length - start, 32)));
}

const mutations: readonly Mutation[] = [
  (bytes, random) => spliced(bytes, random.below(bytes.length), 1, Buffer.of(random.below(256))),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return spliced(bytes, at, 1, Buffer.of((bytes[at] ?? 0) ^ (1 << random.below(8))));
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return spliced(bytes, at, 1, Buffer.of(((bytes[at] ?? 0) + random.pick([1, -1, 2, -2, 16])) & 0xff));
  },
  (bytes, random) => {
    const number = random.pick(NUMBERS);
    return spliced(bytes, random.below(bytes.length), number.length, number);
  },
  (bytes, random) => spliced(bytes, random.below(bytes.length), 1, random.pick(NUMBERS)),
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 0, random.pick(NUMBERS)),
  (bytes, random) => spliced(bytes, random.below(bytes.length), 1 + random.below(16), Buffer.alloc(0)),
  (bytes, random) => spliced(bytes, random.below(bytes.length + 1), 0, slice(bytes, random)),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random, { other }) => spliced(bytes, random.below(bytes.length + 1), random.below(32), slice(other, random)),
  (bytes, random, { other }) => {
    const at = random.below(Math.min(bytes.length, other.length));
    return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
  },
  (bytes, random, { dictionary }) =>
    dictionary.length === 0 ? bytes : spliced(bytes, random.below(bytes.length + 1), random.below(2), random.pick(dictionary)),
];

/** A changed copy: one to four mutations, now and then many. */
export function mutated(bytes: Uint8Array, random: Random, others: Others): Uint8Array {
  let result: Buffer = Buffer.from(bytes);
  const times = random.below(12) === 0 ? 8 + random.below(8) : 1 + random.below(4);
  for (let i = 0; i < times; i++) result = random.pick(mutations)(result, random, others);
  // Of exact size and at the start of its memory, so that a read behind the end is not hidden by what lies there.
  return new Uint8Array(result.subarray(0, MOST_BYTES));
}
