/**
 * Memory for batches, used again and again: a fast producer would otherwise leave hundreds of megabytes a second to the garbage
 * collector. Whoever gives a buffer back vouches that nobody reads it any more, no socket either.
 */
const SMALLEST = 4096;
const LARGEST = 4_194_304;

export class BufferPool {
  readonly #maxIdleBytes: number;
  /** By size, which is a power of two. */
  readonly #idle = new Map<number, Uint8Array[]>();
  #idleBytes = 0;

  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** Of at least that size, with whatever is in it. */
  readonly allocate = (size: number): Uint8Array => {
    if (size > LARGEST) return Buffer.allocUnsafeSlow(size);
    const wanted = sizeClass(size);
    const found = this.#idle.get(wanted)?.pop();
    if (found === undefined) return Buffer.allocUnsafeSlow(wanted);
    this.#idleBytes -= wanted;
    return found;
  };

  /** Takes a whole buffer that `allocate` has made. */
  readonly release = (bytes: Uint8Array): void => {
    const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes.buffer);
    const size = whole.length;
    if (size > LARGEST || size < SMALLEST || sizeClass(size) !== size || this.#idleBytes + size > this.#maxIdleBytes) return;
    const ofSize = this.#idle.get(size);
    if (ofSize === undefined) this.#idle.set(size, [whole]);
    else ofSize.push(whole);
    this.#idleBytes += size;
  };

  clear(): void {
    this.#idle.clear();
    this.#idleBytes = 0;
  }
}

function sizeClass(size: number): number {
  return size <= SMALLEST ? SMALLEST : 2 ** Math.ceil(Math.log2(size));
}
