/**
 * Memory for batches, used again and again: a fast producer would otherwise leave hundreds of megabytes a second to the garbage
 * collector. Whoever gives a buffer back vouches that nobody reads it any more, no socket either.
 */
import { giveBack } from "../../give-back.ts";

const SMALLEST = 4096;
const LARGEST = 4_194_304;

export interface BufferPoolLimits {
  /** What is given out and what waits here may be so much together: what compressed batches take, the memory of their records gives up. */
  readonly totalBytes: number;
  readonly idleBytes: number;
}

export class BufferPool {
  readonly #limits: BufferPoolLimits;
  /** By size, see `sizeClass`. */
  readonly #idle = new Map<number, Uint8Array[]>();
  #idleBytes = 0;
  #lentBytes = 0;

  constructor(limits: BufferPoolLimits) {
    this.#limits = limits;
  }

  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** Of at least that size, with whatever is in it. */
  readonly allocate = (size: number): Uint8Array => {
    if (size > LARGEST) return Buffer.allocUnsafeSlow(size);
    const wanted = sizeClass(size);
    this.#lentBytes += wanted;
    const found = this.#idle.get(wanted)?.pop();
    if (found === undefined) return Buffer.allocUnsafeSlow(wanted);
    this.#idleBytes -= wanted;
    return found;
  };

  /** Takes a whole buffer that `allocate` has made. */
  readonly release = (bytes: Uint8Array): void => {
    const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes.buffer);
    const size = whole.length;
    if (size > LARGEST) giveBack(whole);
    if (size > LARGEST || size < SMALLEST || sizeClass(size) !== size) return;
    this.#lentBytes -= size;
    const idleBytes = this.#idleBytes + size;
    if (idleBytes > this.#limits.idleBytes || idleBytes + this.#lentBytes > this.#limits.totalBytes) {
      giveBack(whole);
      return;
    }
    const ofSize = this.#idle.get(size);
    if (ofSize === undefined) this.#idle.set(size, [whole]);
    else ofSize.push(whole);
    this.#idleBytes = idleBytes;
  };

  clear(): void {
    for (const ofSize of this.#idle.values()) for (const bytes of ofSize) giveBack(bytes);
    this.#idle.clear();
    this.#idleBytes = 0;
  }
}

/** A power of two, or a quarter, a half or three quarters more: what is compressed would waste a third of powers of two alone. */
function sizeClass(size: number): number {
  if (size <= SMALLEST) return SMALLEST;
  const quarter = 2 ** (Math.ceil(Math.log2(size)) - 3);
  return Math.ceil(size / quarter) * quarter;
}
