// The keys whose partitions fixtures/key-partitions*.jsonl.gz tell, by the rule of test/oracle/ProducerFixtures.java: empty, ASCII,
// other text, numbers in binary, any bytes, and some that are thousands of bytes long.

/** int64 arithmetic wraps around. */
const MULTIPLIER = 0x9e37_79b9_7f4a_7c15n;

export function partitionKey(index: number): Buffer {
  switch (index % 5) {
    case 0:
      return Buffer.from(index === 0 ? "" : `key-${index}`);
    case 1:
      return Buffer.from(`user:${index}${":ä漢😀".repeat(index % 7)}`);
    case 2: {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(index) * MULTIPLIER));
      return bytes;
    }
    case 3:
      return binary(index, index % 67);
    default: {
      if (index % 500 === 4) return binary(index, 5000 + index);
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(index);
      return bytes;
    }
  }
}

function binary(index: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let j = 0; j < length; j++) bytes[j] = index * 131 + j * 29 + (((index ^ j) * (j + 1)) >> 3);
  return bytes;
}
