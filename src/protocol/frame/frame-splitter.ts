import { InvalidValueError } from "../invalid-value-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { FRAME_PREFIX } from "./frame.ts";

/** Kafka's own default limit of a request (`socket.request.max.bytes`); responses are bounded by what was asked for. */
export const DEFAULT_MAX_FRAME_BYTES: number = 100 * 1024 * 1024;

/** Up to this size a frame's buffer is made at once; a larger one has to be earned by bytes that really come. */
const DEFAULT_TRUSTED_BYTES = 64 * 1024;

export interface FrameSplitterOptions {
  /** The stream is broken behind a larger frame. */
  readonly maxFrameBytes?: number;
  /** What a peer may make us allocate by the mere claim of a size; 64 KiB by default. More saves copies of large frames. */
  readonly trustedBytes?: number;
  /** Makes the buffer of a frame that comes in pieces. It need not be zeroed: a frame is handed out when all of it was written. */
  readonly allocate?: (bytes: number) => Uint8Array;
}

/**
 * Makes whole frames of a byte stream, however it was cut into chunks. A frame's size is checked before anything is allocated,
 * and its buffer grows with the bytes that really came: a claim of 100 MB costs nothing until 100 MB are sent.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number;
  readonly #trustedBytes: number;
  readonly #allocate: (bytes: number) => Uint8Array;
  /** The frame that is not complete yet, and how much of it is here. */
  #partial: Uint8Array = new Uint8Array(FRAME_PREFIX);
  #filled = 0;
  /** Size of that frame, its prefix included, once four bytes of it are here. */
  #wholeSize: number | undefined;
  /** What ended the stream: there is no way to find the next frame behind a size that cannot be. */
  #broken: MalformedMessageError | undefined;

  constructor(options: FrameSplitterOptions = {}) {
    const { maxFrameBytes = DEFAULT_MAX_FRAME_BYTES, trustedBytes = DEFAULT_TRUSTED_BYTES, allocate = zeroed } = options;
    if (!Number.isInteger(maxFrameBytes) || maxFrameBytes < 0)
      throw new InvalidValueError(`${maxFrameBytes} is no limit`, "maxFrameBytes");
    if (!Number.isInteger(trustedBytes) || trustedBytes < 0)
      throw new InvalidValueError(`${trustedBytes} is no number of bytes`, "trustedBytes");
    this.#maxFrameBytes = maxFrameBytes;
    this.#trustedBytes = trustedBytes;
    this.#allocate = allocate;
  }

  /** Bytes of a frame that is not complete yet. */
  get buffered(): number {
    return this.#filled;
  }

  /**
   * Takes the next chunk and returns the frames that it completes, each with its four-byte size. A frame that lies in one chunk
   * is a view of it: copy it if the chunk's memory is used again.
   *
   * @throws MalformedMessageError at a size that cannot be. Frames before it are returned first; then the next call throws.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#broken !== undefined) throw this.#broken;
    const frames: Uint8Array[] = [];
    try {
      this.#split(chunk, frames);
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      this.#broken = error;
      if (frames.length === 0) throw error;
    }
    return frames;
  }

  /** To be called at the end of the stream: refuses a frame that stopped in the middle. */
  end(): void {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#filled > 0) throw new MalformedMessageError(`the stream ended within a frame, after ${this.#filled} bytes of it`);
  }

  #split(chunk: Uint8Array, frames: Uint8Array[]): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#filled === 0) this.#wholeSize = this.#sizeIn(rest);
      const missing = (this.#wholeSize ?? FRAME_PREFIX) - this.#filled;
      const taken = rest.subarray(0, missing);
      rest = rest.subarray(missing);
      // Most frames come whole, and need no copy.
      if (this.#filled === 0 && this.#wholeSize === taken.length) frames.push(taken);
      else this.#append(taken, frames);
    }
  }

  #append(part: Uint8Array, frames: Uint8Array[]): void {
    this.#reserve(this.#filled + part.length);
    this.#partial.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled < FRAME_PREFIX) return;
    this.#wholeSize ??= this.#sizeIn(this.#partial);
    if (this.#filled !== this.#wholeSize) return;
    frames.push(this.#partial.subarray(0, this.#filled));
    this.#partial = new Uint8Array(FRAME_PREFIX);
    this.#filled = 0;
    this.#wholeSize = undefined;
  }

  /** Makes room for `needed` bytes of the current frame, and at once for all of it when it is small. */
  #reserve(needed: number): void {
    if (needed <= this.#partial.length) return;
    const whole = this.#wholeSize ?? FRAME_PREFIX;
    const larger = this.#allocate(Math.min(whole, Math.max(this.#trustedBytes, needed * 2)));
    larger.set(this.#partial.subarray(0, this.#filled));
    this.#partial = larger;
  }

  /** The size that the first four bytes say, with themselves; undefined while there are fewer. */
  #sizeIn(bytes: Uint8Array): number | undefined {
    if (bytes.length < FRAME_PREFIX) return undefined;
    const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0);
    if (size < 0 || size > this.#maxFrameBytes) {
      throw new MalformedMessageError(`a frame of ${size} bytes; from 0 to ${this.#maxFrameBytes} are allowed`, { offset: 0 });
    }
    return FRAME_PREFIX + size;
  }
}

function zeroed(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}
