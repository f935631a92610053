/**
 * Writes zstd (RFC 8878) where node:zlib cannot: frames of stored blocks, which every reader reads. What is in such a frame has not
 * become smaller, so a batch that a real broker would have folded below `max.message.bytes` can be too large here.
 */

const MAGIC = 0xfd2fb528;
const HEADER_BYTES = 10;
/** The size of the content takes four bytes, a window is declared; no checksum, no dictionary. */
const DESCRIPTOR = 0x80;
/** 128 KiB, which is also the most that a block may hold. Nothing refers back, so no reader needs more. */
const WINDOW_DESCRIPTOR = (17 - 10) << 3;
const MAX_BLOCK_BYTES = 131_072;
const BLOCK_HEADER_BYTES = 3;
const LAST_BLOCK = 1;

export function storedZstdFrame(content: Uint8Array): Uint8Array {
  // An empty frame has a block as well: the last one says that it is the last.
  const blocks = Math.max(1, Math.ceil(content.length / MAX_BLOCK_BYTES));
  const frame = new Uint8Array(HEADER_BYTES + blocks * BLOCK_HEADER_BYTES + content.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, DESCRIPTOR);
  view.setUint8(5, WINDOW_DESCRIPTOR);
  view.setUint32(6, content.length, true);
  let position = HEADER_BYTES;
  for (let block = 0; block < blocks; block++) {
    const stored = content.subarray(block * MAX_BLOCK_BYTES, (block + 1) * MAX_BLOCK_BYTES);
    const header = (stored.length << 3) | (block === blocks - 1 ? LAST_BLOCK : 0);
    view.setUint16(position, header & 0xffff, true);
    view.setUint8(position + 2, header >>> 16);
    frame.set(stored, position + BLOCK_HEADER_BYTES);
    position += BLOCK_HEADER_BYTES + stored.length;
  }
  return frame;
}
