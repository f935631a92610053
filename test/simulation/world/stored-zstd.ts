// A zstd that is the same everywhere and done at once: Node's own is neither before 22.15.
// https://www.rfc-editor.org/rfc/rfc8878

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** One segment; its size follows in four bytes. */
const DESCRIPTOR = 0xa0;
const MOST_IN_BLOCK = 131_072;
/** A block's header takes three bytes: what is shorter is better left with its neighbours. */
const LEAST_RUN = 16;
const RAW = 0;
const RLE = 1;

/** A frame of blocks that are either as they were, or one byte many times. */
export function storedZstd(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [Uint8Array.from([...MAGIC, DESCRIPTOR, ...littleEndian(bytes.length, 4)])];
  let start = 0;
  do {
    const end = endOfBlock(bytes, start);
    const isRun = end - start >= LEAST_RUN && bytes.subarray(start, end).every((byte) => byte === bytes[start]);
    const isLast = end === bytes.length;
    pieces.push(Uint8Array.from(littleEndian((isLast ? 1 : 0) | ((isRun ? RLE : RAW) << 1) | ((end - start) << 3), 3)));
    pieces.push(isRun ? bytes.slice(start, start + 1) : bytes.slice(start, end));
    start = end;
  } while (start < bytes.length);
  return new Uint8Array(Buffer.concat(pieces));
}

/** Behind the run that begins here or, if none does, where the next one begins. */
function endOfBlock(bytes: Uint8Array, start: number): number {
  const most = Math.min(bytes.length, start + MOST_IN_BLOCK);
  const run = endOfRun(bytes, start, most);
  if (run - start >= LEAST_RUN) return run;
  for (let at = run; at < most; ) {
    const end = endOfRun(bytes, at, most);
    if (end - at >= LEAST_RUN) return at;
    at = end;
  }
  return most;
}

function endOfRun(bytes: Uint8Array, start: number, most: number): number {
  let end = start;
  while (end < most && bytes[end] === bytes[start]) end++;
  return end;
}

function littleEndian(value: number, bytes: number): readonly number[] {
  return Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);
}
