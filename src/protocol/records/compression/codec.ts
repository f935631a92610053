/**
 * How compression comes in. The protocol folder knows the framings (xerial, Kafka's LZ4 frame) and plain TypeScript versions of
 * snappy and LZ4; gzip, zstd and native speed are handed in by whoever runs it (Node: `src/client/compression`).
 */
import { InvalidValueError } from "../../invalid-value-error.ts";
import { KafkaError } from "../../kafka-error.ts";
import type { CompressionName, Magic } from "../batch-attributes.ts";

export type CodecName = Exclude<CompressionName, "none">;

export interface DecompressOptions {
  /** Refuse to produce more than this; checked before the bytes are materialised. */
  readonly maxOutputBytes: number;
  /** Format of the batch. LZ4 frames inside format 0 carry a wrong header checksum by design (KAFKA-3160). */
  readonly magic?: Magic;
}

/** Memory of exactly that size for what a codec makes, which need not be copied then. Asked for once at most. */
export type OutputRoom = (size: number) => Uint8Array;

export const newBytes: OutputRoom = (size) => new Uint8Array(size);

/**
 * One codec over whole record sections. Corrupt input is a `MalformedMessageError`, too much output an
 * {@link OutputLimitError}. The results may be views of a larger buffer but never of a buffer that is used again.
 */
export interface Codec {
  decompress(bytes: Uint8Array, options: DecompressOptions): Uint8Array;
  compress(bytes: Uint8Array, level?: number): Uint8Array;
  /** Off the event loop where the codec can; absent when it cannot. */
  decompressAsync?(bytes: Uint8Array, options: DecompressOptions): Promise<Uint8Array>;
  /** The result may be what `room` gave, or anything else. */
  compressAsync?(bytes: Uint8Array, level?: number, room?: OutputRoom): Promise<Uint8Array>;
}

export interface Codecs {
  readonly gzip?: Codec;
  readonly snappy?: Codec;
  readonly lz4?: Codec;
  readonly zstd?: Codec;
}

/** What a batch may unfold to when the caller names no limit: far above any sane batch, far below what hurts. */
export const DEFAULT_MAX_OUTPUT_BYTES = 134_217_728;

/** No platform makes a larger buffer at once. */
const MAX_OUTPUT_BYTES = 0x7fff_ffff;

/** The batch needs a codec that is not there. `remedy` says how to get it. */
export class MissingCodecError extends KafkaError {
  override readonly code = "MISSING_CODEC";
  override readonly retriable = false;
  readonly codec: CodecName;
  /** The npm package that would bring it, when there is one. */
  readonly packageName: string | undefined;

  constructor(codec: CodecName, remedy: string, options: { readonly packageName?: string; readonly cause?: unknown } = {}) {
    super(`no ${codec} codec: ${remedy}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.codec = codec;
    this.packageName = options.packageName;
  }
}

/** Compressed bytes that unfold to more than the caller allows: a bomb, or a limit that is too small for the topic. */
export class OutputLimitError extends KafkaError {
  override readonly code = "OUTPUT_LIMIT";
  override readonly retriable = false;
  readonly maxOutputBytes: number;

  constructor(codec: CodecName, maxOutputBytes: number, cause?: unknown) {
    super(
      `${codec} data unfolds to more than the ${maxOutputBytes} bytes allowed; raise the limit if the topic is trusted`,
      cause === undefined ? undefined : { cause },
    );
    this.maxOutputBytes = maxOutputBytes;
  }
}

/**
 * The most blocks or frames that one compressed section may have. Kafka's writers make one for every 32 or 64 KiB; millions of empty
 * ones would cost memory that no output limit counts.
 */
export const MAX_BLOCKS = 200_000;

/** The limit itself, if it is one: without this check, NaN (from an unset variable, say) would switch the limit off. */
export function checkedOutputLimit(maxOutputBytes: number): number {
  if (Number.isSafeInteger(maxOutputBytes) && maxOutputBytes > 0) return Math.min(maxOutputBytes, MAX_OUTPUT_BYTES);
  throw new InvalidValueError(`${maxOutputBytes} is no limit; it is a number of bytes above 0`, "maxOutputBytes");
}

export function codecFor(name: CodecName, codecs: Codecs): Codec {
  const codec = Object.hasOwn(codecs, name) ? codecs[name] : undefined;
  if (codec === undefined) throw new MissingCodecError(name, "none was passed in the `codecs` option");
  return codec;
}
