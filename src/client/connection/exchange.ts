import type { AnyApi } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { Outcome } from "../errors.ts";

/** A request on its way through a connection, in bytes: for those who encode and decode themselves. None of its functions may throw, but `onAnswer`. */
export interface Exchange {
  readonly api: AnyApi;
  readonly version: number;
  /** A whole frame, size and header included, in one piece or several; the connection fills the correlation id in. */
  readonly pieces: readonly Uint8Array[];
  /** Brokers do not answer Produce with acks 0. */
  readonly expectsAnswer: boolean;
  /** Its signal lets the caller go at once; the answer of a request that was sent is awaited nevertheless, and dropped. */
  readonly deadline: Deadline;
  /** Instead of `requestTimeoutMs`, for what brokers take their time with. */
  readonly timeoutMs?: number;
  /**
   * Takes the answer's frame, size included, whose memory is its own. Returns the answer's `throttleTimeMs`, 0 if it has none. If it
   * throws (a MalformedMessageError), the exchange fails with that and the connection is closed.
   */
  onAnswer(frame: Uint8Array): number;
  /** Called once, instead of `onAnswer`. */
  onFailure(error: Error, outcome: Outcome): void;
  /**
   * Called once, whatever happens: the memory of the pieces may be used again. With `true` the kernel has taken them. That can be
   * long after `onFailure`, for a request that timed out may still be read by the kernel.
   */
  onReleased?(isSent: boolean): void;
}

const SIZE_BYTES = 4;
/** Behind the size, the API's key and its version. */
const CORRELATION_ID_AT = SIZE_BYTES + 4;

/** Fills the correlation id in, and returns how long the frame is. */
export function stampFrame(pieces: readonly Uint8Array[], correlationId: number): number {
  const [head] = pieces;
  if (head === undefined || head.length < CORRELATION_ID_AT + 4) {
    throw new TypeError("the first piece of a frame must hold its size and the beginning of its header");
  }
  new DataView(head.buffer, head.byteOffset).setInt32(CORRELATION_ID_AT, correlationId);
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

export function correlationIdOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getInt32(SIZE_BYTES);
}
