/**
 * One context of zstd for all frames that are unfolded on the event loop. Each of node:zlib's one-shot functions makes a context of a
 * hundred kilobytes, and more for a window, that nothing but the garbage collector frees, which knows nothing of its size: hundreds
 * stand around. Node documents no way to use one again without a thread, so that this is the call which the one-shot functions make
 * themselves, on the handle of a stream. Only a Node that is known to have it is asked, and it is tried before it is relied upon; where it
 * does not do what it should, they do the work.
 */

/** What we use of node:zlib's stream. */
export interface ZstdHandleStream {
  on(event: "error", listener: () => void): unknown;
}

/** Where the input, the output stands, and how much of each there is. */
type WriteSync = (
  flush: number,
  input: Uint8Array,
  inputStart: number,
  inputSize: number,
  output: Uint8Array,
  outputStart: number,
  outputSize: number,
) => void;

/** What a stream has beside its interface. */
interface Handle {
  readonly _handle: { readonly writeSync: WriteSync };
  /** What is left after a call: of the room for the output, and of the input. */
  readonly _writeState: Uint32Array;
}

/** zstd's `ZSTD_e_continue`, which means nothing when reading. */
const CONTINUE = 0;
/** A call that failed leaves this where it was. */
const UNTOUCHED = 0xffffffff;
/** A handle that takes other arguments may end the process, and so what comes later is looked at first: are the tests green there? */
const NEWEST_KNOWN_NODE = 26;
const PROBE_TEXT = "kafka kafka kafka kafka kafka";
const PROBE_FRAME = "28b52ffd201d650000306b61666b61200100a94b11";

export class ZstdContext {
  readonly #create: () => ZstdHandleStream;
  #handle: Handle | undefined;
  /** Not yet known until something is to be unfolded. */
  #isUsable: boolean | undefined;
  /** For frames that do not say how much is in them. */
  #scratch: Buffer | undefined;

  constructor(create: () => ZstdHandleStream, nodeVersion: string) {
    this.#create = create;
    if (Number.parseInt(nodeVersion, 10) > NEWEST_KNOWN_NODE) this.#isUsable = false;
  }

  /** What is in one frame that says how much that is; undefined when the one-shot functions are to be asked, for the bytes or the error. */
  unfold(frame: Uint8Array, contentSize: number): Buffer | undefined {
    if (!this.#canBeUsed()) return undefined;
    // With room for all of it, zstd writes every byte to its place and needs no window.
    const output = Buffer.allocUnsafe(contentSize);
    return this.#run(frame, output) === contentSize ? output : undefined;
  }

  /** As `unfold`, of a frame in which there is less than `room`, but who knows how much. */
  unfoldUpTo(frame: Uint8Array, room: number): Buffer | undefined {
    if (!this.#canBeUsed()) return undefined;
    if (this.#scratch === undefined || this.#scratch.length < room) this.#scratch = Buffer.allocUnsafeSlow(room);
    const size = this.#run(frame, this.#scratch);
    return size === undefined ? undefined : Buffer.from(this.#scratch.subarray(0, size));
  }

  #canBeUsed(): boolean {
    this.#isUsable ??= this.#probe();
    return this.#isUsable;
  }

  #probe(): boolean {
    const output = Buffer.alloc(PROBE_TEXT.length);
    return this.#run(Buffer.from(PROBE_FRAME, "hex"), output) === output.length && output.toString() === PROBE_TEXT;
  }

  /** How much it unfolds to, if it was read to its end and there was room for all of it. */
  #run(frame: Uint8Array, output: Uint8Array): number | undefined {
    const handle = this.#handle ?? openHandle(this.#create);
    // Nobody knows what a context that failed would do next.
    this.#handle = undefined;
    if (handle === undefined) return undefined;
    const { _handle: native, _writeState: left } = handle;
    left.fill(UNTOUCHED);
    try {
      native.writeSync(CONTINUE, frame, 0, frame.length, output, 0, output.length);
    } catch {
      return undefined;
    }
    const [roomLeft, inputLeft] = left;
    if (inputLeft !== 0 || roomLeft === undefined || roomLeft > output.length) return undefined;
    this.#handle = handle;
    return output.length - roomLeft;
  }
}

function openHandle(create: () => ZstdHandleStream): Handle | undefined {
  const stream = create();
  if (!hasHandle(stream)) return undefined;
  // Told to the stream later; whoever called reads the frame again, for its typed error.
  stream.on("error", () => undefined);
  return stream;
}

function hasHandle(stream: ZstdHandleStream): stream is Handle & ZstdHandleStream {
  if (!("_handle" in stream && "_writeState" in stream)) return false;
  const { _handle: native, _writeState: left } = stream;
  const isState = left instanceof Uint32Array && left.length === 2;
  return (
    isState && typeof native === "object" && native !== null && "writeSync" in native && typeof native.writeSync === "function"
  );
}
