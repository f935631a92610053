/** Turns the errors of node:zlib into ours. */

import { KafkaError } from "../../protocol/kafka-error.ts";
import { MalformedMessageError } from "../../protocol/malformed-message-error.ts";
import { type CodecName, OutputLimitError } from "../../protocol/records/compression/codec.ts";

/** Of node:zlib when the output, and of zstd when the window, is larger than it may be. */
const TOO_LARGE: readonly unknown[] = ["ERR_BUFFER_TOO_LARGE", "ZSTD_error_frameParameter_windowTooLarge"];

export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && TOO_LARGE.includes(error.code);
}

export function zlibFailure(codec: CodecName, maxOutputBytes: number, error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  if (isTooLarge(error)) return new OutputLimitError(codec, maxOutputBytes, error);
  const reason = error instanceof Error ? error.message : String(error);
  return new MalformedMessageError(`malformed ${codec} stream: ${reason}`, { cause: error });
}
