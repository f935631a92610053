import type { BufferPool } from "./buffer-pool.ts";

/**
 * Memory of a batch that sockets read: it goes back to the pool when the batch is done with it AND every socket has let go, whichever
 * comes last. A request that timed out may still be read by the kernel; whoever wrote into its memory would send one record's bytes
 * under another's header (CVE-2026-35554).
 */
export class SharedBytes {
  readonly bytes: Uint8Array;
  readonly #pool: BufferPool;
  #sockets = 0;
  #isGivenUp = false;

  constructor(bytes: Uint8Array, pool: BufferPool) {
    this.bytes = bytes;
    this.#pool = pool;
  }

  /** Whether writing into it would change what is being sent. */
  get isBeingSent(): boolean {
    return this.#sockets > 0;
  }

  retain(): void {
    this.#sockets++;
  }

  letGo(): void {
    this.#sockets--;
    this.#free();
  }

  /** The batch needs it no more. */
  giveUp(): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#free();
  }

  #free(): void {
    if (this.#isGivenUp && this.#sockets === 0) this.#pool.release(this.bytes);
  }
}
