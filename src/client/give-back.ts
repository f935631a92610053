/**
 * Memory that is not needed goes back at once: the garbage collector sees but a small object, and lets megabytes pile up behind it.
 */

/** Less is not worth the call. */
const SMALLEST = 4096;
/** Before Node 22 the call takes some microseconds. */
const SMALLEST_TO_MOVE = 65_536;

interface Transferable {
  transfer(newLength: number): unknown;
}

/** Nobody may read it any more; whoever does finds nothing. Parts of something larger are left to the collector. */
export function giveBack(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (byteLength < SMALLEST || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  if (isTransferable(buffer)) buffer.transfer(0);
  else if (byteLength >= SMALLEST_TO_MOVE) moveAway(buffer);
}

function moveAway(buffer: ArrayBuffer): void {
  try {
    structuredClone(undefined, { transfer: [buffer] });
  } catch {
    // Memory that an addon has lent to Node cannot be moved: it is the collector's, as ever.
  }
}

function isTransferable(buffer: object): buffer is Transferable {
  return "transfer" in buffer;
}
