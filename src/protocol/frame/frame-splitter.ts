import { MalformedMessageError } from "../malformed-message-error.ts";
import { FRAME_PREFIX } from "./frame.ts";

/** Kafka's own default limit of a request (`socket.request.max.bytes`); responses are bounded by what was asked for. */
export const DEFAULT_MAX_FRAME_BYTES: number = 100 * 1024 * 1024;

/**
 * Makes whole frames of a byte stream, however it was cut into chunks. A frame's size is checked before anything is allocated,
 * and its buffer grows with the bytes that really came: a claim of 100 MB costs nothing until 100 MB are sent.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  /** Size of the current frame, its prefix included, once four bytes of it are here. */
  #wholeSize: number | undefined;

  constructor(options: { readonly maxFrameBytes?: number } = {}) {
    this.#maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  }

  /** Bytes of a frame that is not complete yet. */
  get buffered(): number {
    return this.#buffered;
  }

  /**
   * Takes the next chunk and returns the frames that it completes, each with its four-byte size. A frame that lies in one chunk
   * is a view of it: copy it if the chunk's memory is used again.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const frames: Uint8Array[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      const missing = this.#missing(rest);
      if (missing > rest.length) {
        this.#keep(rest);
        break;
      }
      frames.push(this.#complete(rest.subarray(0, missing)));
      rest = rest.subarray(missing);
    }
    return frames;
  }

  /** To be called at the end of the stream: refuses a frame that stopped in the middle. */
  end(): void {
    if (this.#buffered > 0) throw new MalformedMessageError(`the stream ended within a frame, after ${this.#buffered} bytes of it`);
  }

  /** How many bytes of `next` finish the current frame; more than there are while its size is not known yet. */
  #missing(next: Uint8Array): number {
    this.#wholeSize ??= this.#readSize(next);
    return this.#wholeSize === undefined ? Number.POSITIVE_INFINITY : this.#wholeSize - this.#buffered;
  }

  #readSize(next: Uint8Array): number | undefined {
    if (this.#buffered + next.length < FRAME_PREFIX) return undefined;
    const prefix = this.#buffered === 0 ? next : joined([...this.#chunks, next.subarray(0, FRAME_PREFIX)], FRAME_PREFIX);
    const size = new DataView(prefix.buffer, prefix.byteOffset).getInt32(0);
    if (size < 0 || size > this.#maxFrameBytes) {
      throw new MalformedMessageError(`a frame of ${size} bytes; from 0 to ${this.#maxFrameBytes} are allowed`, { offset: 0 });
    }
    return FRAME_PREFIX + size;
  }

  #keep(chunk: Uint8Array): void {
    // The caller may use the memory again before the frame is complete. (A copy: `slice` of a Buffer is none.)
    this.#chunks.push(new Uint8Array(chunk));
    this.#buffered += chunk.length;
  }

  #complete(last: Uint8Array): Uint8Array {
    this.#wholeSize = undefined;
    if (this.#buffered === 0) return last;
    const frame = joined([...this.#chunks, last], this.#buffered + last.length);
    this.#chunks = [];
    this.#buffered = 0;
    return frame;
  }
}

/** The first `length` bytes of the chunks, in one piece. */
function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let position = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, length - position);
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
