/**
 * Zigzag varints, the numbers inside a record. The rules are Java's `ByteUtils`: at most 5 bytes (10 for a varlong), forms that
 * are longer than needed are accepted, bits above the width are dropped, and only a continuation bit in the last possible byte
 * is an error.
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { numberFromHalves } from "./big-endian.ts";

/** A place in some bytes that the readers below move forward. `end` is exclusive. */
export interface ReadPosition {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;
}

export function readVarint(at: ReadPosition): number {
  let raw = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = nextByte(at);
    raw |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
  }
  throw new MalformedMessageError("a varint is longer than 5 bytes", { offset: at.position - 5 });
}

/** A varlong as a number, or NaN when it lies outside ±2^53: then {@link readVarlongBig} at the same position is exact. */
export function readVarlong(at: ReadPosition): number {
  const { low, high } = readVarlongHalves(at);
  return numberFromHalves(high, low);
}

export function readVarlongBig(at: ReadPosition): bigint {
  const { low, high } = readVarlongHalves(at);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function readVarlongHalves(at: ReadPosition): { readonly low: number; readonly high: number } {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = nextByte(at);
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) {
      const sign = -(low & 1);
      return { low: ((low >>> 1) | (high << 31)) ^ sign, high: (high >>> 1) ^ sign };
    }
  }
  throw new MalformedMessageError("a varlong is longer than 10 bytes", { offset: at.position - 10 });
}

function nextByte(at: ReadPosition): number {
  if (at.position >= at.end) throw new MalformedMessageError("a varint runs past the end of its bytes", { offset: at.position });
  return at.bytes[at.position++]!;
}

export function sizeOfVarint(value: number): number {
  const raw = ((value << 1) ^ (value >> 31)) >>> 0;
  if (raw < 0x80) return 1;
  if (raw < 0x4000) return 2;
  if (raw < 0x20_0000) return 3;
  return raw < 0x1000_0000 ? 4 : 5;
}

/** Writes an int32 and returns the position behind it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let raw = ((value << 1) ^ (value >> 31)) >>> 0;
  while (raw >= 0x80) {
    bytes[position++] = raw | 0x80;
    raw >>>= 7;
  }
  bytes[position++] = raw;
  return position;
}

function fitsVarint(value: number | bigint): value is number {
  return typeof value === "number" && value === (value | 0);
}

export function sizeOfVarlong(value: number | bigint): number {
  if (fitsVarint(value)) return sizeOfVarint(value);
  let size = 1;
  for (let rest = zigzag(value) >> 7n; rest > 0n; rest >>= 7n) size++;
  return size;
}

/** Writes an int64 and returns the position behind it. Only values beyond 32 bits take the slow way through BigInt. */
export function writeVarlong(bytes: Uint8Array, position: number, value: number | bigint): number {
  if (fitsVarint(value)) return writeVarint(bytes, position, value);
  let raw = zigzag(value);
  while (raw >= 0x80n) {
    bytes[position++] = Number(raw & 0x7fn) | 0x80;
    raw >>= 7n;
  }
  bytes[position++] = Number(raw);
  return position;
}

function zigzag(value: number | bigint): bigint {
  const wide = BigInt(value);
  return BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n));
}
