import { type FileHandle, open } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";
import { UnreadableInputError } from "../record-input/input-item.ts";
import { UsageError } from "../usage-error.ts";

/** Where the records come from. */
export interface RecordSource extends AsyncDisposable {
  /** In bytes, if it has an end that is known. */
  readonly size: number | undefined;
  /** Somebody types: ending it by Ctrl-C is the ordinary way. */
  readonly isTyped: boolean;
  /**
   * Read piece by piece, each when the one before is done with. Ends when the signal says so, with an error.
   *
   * @throws UnreadableInputError if it cannot be read on
   */
  pieces(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

const PIECE_BYTES = 256 * 1024;

/**
 * @param path undefined, or `-`: the standard input
 * @throws UsageError if the file cannot be opened
 */
export async function recordSource(
  path: string | undefined,
  standardInput: Readable & { readonly isTTY?: boolean },
): Promise<RecordSource> {
  if (path === undefined || path === "-") {
    return {
      size: undefined,
      isTyped: standardInput.isTTY === true,
      pieces: (signal) => piecesOf(addAbortSignal(signal, standardInput), "standard input"),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const file = await opened(path);
  const stats = await file.stat();
  return {
    size: stats.isFile() ? stats.size : undefined,
    isTyped: false,
    pieces: (signal) => piecesOf(addAbortSignal(signal, file.createReadStream({ highWaterMark: PIECE_BYTES })), path),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw new UsageError(`--file: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function* piecesOf(stream: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw new UnreadableInputError(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
