import { kindOf, serde, UnsuitableError } from "./serde.ts";
import type { Serde } from "./serializer.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Four bytes, the highest first, as Java's IntegerSerializer. */
export const int32: Serde<number> = serde({
  write: (value) => {
    if (typeof value !== "number" || (value | 0) !== value)
      throw new UnsuitableError(`int32 takes whole numbers from -2147483648 to 2147483647, not this ${kindWithoutArticle(value)}`);
    const bytes = new Uint8Array(4);
    viewOf(bytes).setInt32(0, value);
    return bytes;
  },
  read: (bytes) => sized(bytes, "int32", 4).getInt32(0),
});

/** Eight bytes, the highest first, as Java's LongSerializer. Read as bigint always: a type that changed with the value would surprise. */
export const int64: Serde<bigint | number, bigint> = serde({
  write: (value) => {
    const whole = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof whole !== "bigint" || whole < INT64_MIN || whole > INT64_MAX)
      throw new UnsuitableError(`int64 takes bigints of 64 bits and safe integers, not this ${kindWithoutArticle(value)}`);
    const bytes = new Uint8Array(8);
    viewOf(bytes).setBigInt64(0, whole);
    return bytes;
  },
  read: (bytes) => sized(bytes, "int64", 8).getBigInt64(0),
});

/** Eight bytes of IEEE 754, the highest first, as Java's DoubleSerializer. */
export const float64: Serde<number> = serde({
  write: (value) => {
    if (typeof value !== "number") throw new UnsuitableError(`float64 takes numbers, not ${kindOf(value)}`);
    const bytes = new Uint8Array(8);
    viewOf(bytes).setFloat64(0, value);
    return bytes;
  },
  read: (bytes) => sized(bytes, "float64", 8).getFloat64(0),
});

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function sized(bytes: Uint8Array, name: string, size: number): DataView {
  if (bytes.length !== size) throw new UnsuitableError(`${name} has ${size} bytes, not ${bytes.length}`);
  return viewOf(bytes);
}

function kindWithoutArticle(value: unknown): string {
  return kindOf(value).replace(/^an? /, "");
}
