import { MalformedMessageError } from "../../protocol/index.ts";
import { oddSizeError } from "./frame-size-problem.ts";

/** How much is read at once when nobody knows yet how much there will be. */
const SCRATCH_BYTES = 64 * 1024;
const SIZE_BYTES = 4;
/** A correlation id: no answer is shorter. */
const LEAST_BYTES = 4;

/** A frame, its size included; its memory is the receiver's to keep. */
export type TakeFrame = (frame: Uint8Array) => void;

/**
 * Makes frames of a socket's bytes. What the socket reads lands in a scratch that is used again and again, from which whole small
 * frames are copied; but once the size of an unfinished frame is known, memory of exactly that size is made and the rest is read
 * into it directly: no list of chunks, nothing copied twice, nothing of another frame kept alive. Every byte costs the same, however
 * the stream was cut.
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #take: TakeFrame;
  readonly #isExpected: () => boolean;
  readonly #scratch: Uint8Array = new Uint8Array(SCRATCH_BYTES);
  /** The beginning of a size: fewer than four bytes of it are at the beginning of the scratch. */
  #held = 0;
  /** The frame that is not complete, once its size is known. */
  #frame: Uint8Array | undefined;
  #filled = 0;
  #isStopped = false;

  /**
   * @param maxBytes of a frame without its size
   * @param isExpected whether an answer is due; bytes that nobody asked for cannot be an answer
   */
  constructor(maxBytes: number, isExpected: () => boolean, take: TakeFrame) {
    this.#maxBytes = maxBytes;
    this.#isExpected = isExpected;
    this.#take = take;
  }

  /** Bytes of a frame that is not complete. */
  get buffered(): number {
    return this.#frame === undefined ? this.#held : this.#filled;
  }

  /** Where the next bytes belong; the same until `push`. */
  buffer(): Uint8Array {
    return this.#frame === undefined ? this.#scratch.subarray(this.#held) : this.#frame.subarray(this.#filled);
  }

  /** `count` bytes have been written to where `buffer()` said. @throws MalformedMessageError if they cannot be a frame */
  push(count: number): void {
    if (this.#isStopped) return;
    if (this.#frame === undefined) this.#readScratch(this.#held + count);
    else this.#readFrame(this.#frame, count);
  }

  /** Whatever comes from now on is not looked at. */
  stop(): void {
    this.#isStopped = true;
    this.#frame = undefined;
  }

  #readFrame(frame: Uint8Array, count: number): void {
    this.#filled += count;
    if (this.#filled < frame.length) return;
    this.#frame = undefined;
    this.#take(frame);
  }

  #readScratch(end: number): void {
    const scratch = this.#scratch;
    let start = 0;
    this.#held = 0;
    while (end - start >= SIZE_BYTES) {
      const whole = SIZE_BYTES + this.#sizeAt(start, end);
      if (whole > end - start) {
        this.#begin(whole, scratch.subarray(start, end));
        return;
      }
      this.#take(scratch.slice(start, start + whole));
      if (this.#isStopped) return;
      start += whole;
    }
    if (start > 0) scratch.copyWithin(0, start, end);
    this.#held = end - start;
    if (this.#held > 0) this.#requireExpected(this.#held);
  }

  #requireExpected(bytes: number): void {
    if (this.#isExpected()) return;
    throw new MalformedMessageError(`${bytes} bytes arrived that nobody asked for`, { kind: "response" });
  }

  #begin(whole: number, bytes: Uint8Array): void {
    // Not zeroed: nobody sees it before all of it was read.
    const { buffer } = Buffer.allocUnsafeSlow(whole);
    this.#frame = new Uint8Array(buffer);
    this.#frame.set(bytes);
    this.#filled = bytes.length;
  }

  #sizeAt(start: number, end: number): number {
    const scratch = this.#scratch;
    this.#requireExpected(end - start);
    const size = (scratch[start]! << 24) | (scratch[start + 1]! << 16) | (scratch[start + 2]! << 8) | scratch[start + 3]!;
    if (size < LEAST_BYTES || size > this.#maxBytes) {
      const head = scratch.subarray(start, Math.min(end, start + 8));
      throw oddSizeError(size, this.#maxBytes, head);
    }
    return size;
  }
}
