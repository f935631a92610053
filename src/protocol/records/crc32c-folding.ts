/**
 * CRC-32C by folding: a WebAssembly module of 300 bytes shortens the input to some 500 bytes with the same checksum, with
 * nothing but XORs of 16 bytes, and slicing does the rest. scripts/crc32c-wasm/fold-module.ts says why that is right.
 */
import { sliceCrc32cOfView } from "./crc32c-slicing.ts";
import { FOLD_STEP_BYTES, FOLD_WINDOW_BYTES, foldModule } from "./crc32c-wasm-module.ts";

/** What is used of the global `WebAssembly`, which not every platform has and @types/node 20 does not describe. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

/** Lets the bytes from `target` to `targetEnd` receive what lies before them, beginning at `window`. */
type Fold = (window: number, target: number, targetEnd: number) => void;

/**
 * The module's memory: the window of the piece before, a piece of the input, and a window followed by zeros. A piece holds a
 * batch of Kafka's default size at once, and stays in the processor's first cache; larger ones are slower, smaller ones too.
 */
const PIECE = FOLD_WINDOW_BYTES;
const PIECE_BYTES = 384 * FOLD_STEP_BYTES;
const LAST_WINDOW = PIECE + PIECE_BYTES + FOLD_STEP_BYTES;

export class Crc32cFolding {
  readonly #memory: Uint8Array;
  readonly #view: DataView;
  readonly #fold: Fold;

  private constructor(memory: ArrayBuffer, fold: Fold) {
    this.#memory = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#fold = fold;
  }

  /**
   * Compiles the module, in less than a millisecond; null where there is no WebAssembly or none with vectors, where a page's
   * Content-Security-Policy forbids compiling, and where the memory cannot be had.
   */
  static load(webAssembly: unknown = Reflect.get(globalThis, "WebAssembly")): Crc32cFolding | null {
    if (!isWebAssembly(webAssembly)) return null;
    try {
      const { exports } = new webAssembly.Instance(new webAssembly.Module(Uint8Array.from(foldModule)));
      const memory: unknown = Reflect.get(Object(Reflect.get(exports, "memory")), "buffer");
      const fold: unknown = Reflect.get(exports, "fold");
      return memory instanceof ArrayBuffer && isFold(fold) ? new Crc32cFolding(memory, fold) : null;
    } catch {
      // Whatever the platform objects to: slicing gives the same checksums.
      return null;
    }
  }

  /** The register after `bytes[start, end)`, which are at least {@link FOLD_WINDOW_BYTES}. */
  register(bytes: Uint8Array, start: number, end: number, crc: number): number {
    const memory = this.#memory;
    memory.fill(0, 0, FOLD_WINDOW_BYTES);
    let position = start;
    // What the register holds is added to the first bytes, as in every CRC; afterwards it is part of the message.
    let register = crc;
    while (end - position > PIECE_BYTES) {
      // The last piece must be at least a window.
      const size = Math.min(PIECE_BYTES, end - position - FOLD_WINDOW_BYTES) & -FOLD_STEP_BYTES;
      this.#copyIn(bytes, position, size, register);
      this.#fold(0, PIECE, PIECE + size);
      memory.copyWithin(0, size, size + FOLD_WINDOW_BYTES);
      register = 0;
      position += size;
    }
    this.#copyIn(bytes, position, end - position, register);
    return this.#finish(end - position);
  }

  #copyIn(bytes: Uint8Array, position: number, size: number, register: number): void {
    // Not `subarray`, which costs twice as much.
    this.#memory.set(new Uint8Array(bytes.buffer, bytes.byteOffset + position, size), PIECE);
    this.#view.setInt32(PIECE, this.#view.getInt32(PIECE, true) ^ register, true);
  }

  /** Folds the last piece and divides what is left of it. */
  #finish(size: number): number {
    const memory = this.#memory;
    const folded = (size - FOLD_WINDOW_BYTES) & -FOLD_STEP_BYTES;
    if (folded > 0) this.#fold(0, PIECE, PIECE + folded);
    // The bytes that are left receive from folded ones only: what follows those must be zeros, and nothing ever writes there.
    memory.copyWithin(LAST_WINDOW, folded, folded + FOLD_WINDOW_BYTES);
    this.#fold(LAST_WINDOW, PIECE + folded, PIECE + folded + FOLD_WINDOW_BYTES);
    return sliceCrc32cOfView(memory, this.#view, PIECE + folded, PIECE + size, 0);
  }
}

function isWebAssembly(value: unknown): value is WebAssemblyApi {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "Module") === "function" &&
    typeof Reflect.get(value, "Instance") === "function"
  );
}

function isFold(value: unknown): value is Fold {
  return typeof value === "function";
}
