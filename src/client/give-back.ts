/**
 * Memory that is not needed goes back at once: the garbage collector sees but a small object, and lets megabytes pile up behind it.
 */

/** Less is not worth the call. */
const SMALLEST = 4096;

interface Transferable {
  transfer(newLength: number): unknown;
}

/**
 * Nobody may read it any more; whoever does finds nothing. Parts of something larger, and where Node cannot do it (before 22), are left
 * to the collector.
 */
export function giveBack(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (byteLength >= SMALLEST && byteLength === buffer.byteLength && isTransferable(buffer)) buffer.transfer(0);
}

function isTransferable(buffer: object): buffer is Transferable {
  return "transfer" in buffer;
}
