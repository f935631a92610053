/**
 * CRC-32 (IEEE), the checksum of message sets v0 and v1 and of gzip. Only old segments and damaged streams come this way, so
 * four tables are enough.
 */

const POLYNOMIAL = 0xedb88320;
const table: Int32Array = slicingTable();

function slicingTable(): Int32Array {
  const rows = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    rows[byte] = crc;
  }
  for (let index = 256; index < rows.length; index++) {
    const previous = rows[index - 256]!;
    rows[index] = (previous >>> 8) ^ rows[previous & 255]!;
  }
  return rows;
}

/** The CRC-32 of `bytes[start, end)`, unsigned; `seed` is the CRC of the bytes before. */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length, seed = 0): number {
  let crc = ~seed;
  let position = start;
  for (const last = end - 4; position <= last; position += 4) {
    crc ^= bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24);
    crc = table[768 + (crc & 255)]! ^ table[512 + ((crc >>> 8) & 255)]! ^ table[256 + ((crc >>> 16) & 255)]! ^ table[crc >>> 24]!;
  }
  for (; position < end; position++) crc = table[(crc ^ bytes[position]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
