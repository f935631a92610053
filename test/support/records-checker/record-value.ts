// What a checked record carries: 32 printable characters which say who it is, where it belongs, and that nothing of it was changed.

export interface RecordValue {
  /** Of the ledger: whatever else is in the log is none of its records. */
  run: number;
  /** The record's number in the ledger: it grows with every send. */
  id: number;
  topic: number;
  /** `ANY_PARTITION` if the producer is to choose. */
  partition: number;
  producer: number;
  /** 0 outside of transactions. */
  transaction: number;
}

export const VALUE_LENGTH = 32;
export const ANY_PARTITION = 0xffff;

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const NO_DIGIT = 64;
const digits = new Uint8Array(256).fill(NO_DIGIT);
for (let digit = 0; digit < CHARACTERS.length; digit++) digits[CHARACTERS.charCodeAt(digit)] = digit;

/** Of the usual polynomial. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb8_8320 : 0);
  return rest;
});

/** 32 characters of base64. Text, so that every program there is can print it. */
const plain = Buffer.alloc((VALUE_LENGTH / 4) * 3);
const AFTER_CHECKSUM = 4;

export function encodeValue({ run, id, topic, partition, producer, transaction }: RecordValue): string {
  plain.writeUInt32LE(run, 4);
  plain.writeUInt32LE(id, 8);
  plain.writeUInt32LE(transaction, 12);
  plain.writeUInt16LE(topic, 16);
  plain.writeUInt16LE(partition, 18);
  plain.writeUInt32LE(producer, 20);
  plain.writeUInt32LE(checksum(), 0);
  return plain.toString("base64");
}

/** False, and nothing is to be believed, if the bytes are no value as it was made. */
export function decodeValue(bytes: Uint8Array, value: RecordValue): boolean {
  if (bytes.length !== VALUE_LENGTH) return false;
  for (let from = 0, to = 0; from < VALUE_LENGTH; from += 4, to += 3) {
    const one = digitAt(bytes, from);
    const two = digitAt(bytes, from + 1);
    const three = digitAt(bytes, from + 2);
    const four = digitAt(bytes, from + 3);
    if ((one | two | three | four) >= NO_DIGIT) return false;
    plain[to] = (one << 2) | (two >> 4);
    plain[to + 1] = (two << 4) | (three >> 2);
    plain[to + 2] = (three << 6) | four;
  }
  if (plain.readUInt32LE(0) !== checksum()) return false;
  value.run = plain.readUInt32LE(4);
  value.id = plain.readUInt32LE(8);
  value.transaction = plain.readUInt32LE(12);
  value.topic = plain.readUInt16LE(16);
  value.partition = plain.readUInt16LE(18);
  value.producer = plain.readUInt32LE(20);
  return true;
}

function digitAt(bytes: Uint8Array, index: number): number {
  return digits[bytes[index] ?? 0] ?? NO_DIGIT;
}

/** CRC-32 of what follows it. */
function checksum(): number {
  let rest = 0xffff_ffff;
  for (let index = AFTER_CHECKSUM; index < plain.length; index++)
    rest = (rest >>> 8) ^ (remainders[(rest ^ (plain[index] ?? 0)) & 0xff] ?? 0);
  return (rest ^ 0xffff_ffff) >>> 0;
}
