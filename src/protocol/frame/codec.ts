import { InvalidValueError } from "../invalid-value-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { Decoder } from "../wire/decoder.ts";
import { Encoder } from "../wire/encoder.ts";
import { FieldTrace } from "../wire/field-trace.ts";
import { TracingDecoder, TracingEncoder } from "../wire/tracing.ts";
import type { Draft, Layout } from "../wire/wire.ts";

/** A piece of a message: its layout, and the version and form that it is written in. */
export interface Part<T> {
  readonly layout: Layout<T>;
  readonly version: number;
  readonly flexible: boolean;
  /** For decoding: see `Decoder.nearestIntegers`. */
  readonly nearestIntegers?: boolean;
}

/** Whose message it is, for errors. */
export interface Subject {
  readonly api?: string;
  readonly version?: number;
  readonly kind: string;
}

/** A scratch larger than this is not kept for the next message. */
const KEEP_UP_TO = 1 << 20;
let scratch: Encoder | undefined;

/** Encodes parts one behind the other, after `prefix` bytes that the caller fills in. The result is a copy of exact size. */
export function encodeParts(prefix: number, subject: Subject, parts: readonly PartToEncode[]): Uint8Array {
  // Taken out while it is in use: reading a field of the caller's value may encode something else.
  const encoder = scratch ?? new Encoder();
  scratch = undefined;
  try {
    encoder.reset();
    writeAll(encoder, prefix, parts);
    return encoder.written().slice();
  } catch (error) {
    throw named(error, subject, parts);
  } finally {
    if (encoder.capacity <= KEEP_UP_TO) scratch = encoder;
  }
}

/** As `encodeParts`, without copying records: pieces, which are to be sent one behind the other. */
export function encodePartsInChunks(prefix: number, subject: Subject, parts: readonly PartToEncode[]): Uint8Array[] {
  const encoder = scratch ?? new Encoder();
  scratch = undefined;
  try {
    encoder.reset();
    encoder.gather();
    writeAll(encoder, prefix, parts);
    return encoder.chunks();
  } catch (error) {
    throw named(error, subject, parts);
  } finally {
    if (encoder.capacity <= KEEP_UP_TO) scratch = encoder;
  }
}

/** A part with its value. */
export interface PartToEncode extends Part<unknown> {
  readonly value: unknown;
}

/** Types a part and its value together; everything that was left out of the value takes its default. */
export function partToEncode<T>(part: Part<T>, value: Draft<T>): PartToEncode {
  return { ...part, value };
}

function writeAll(encoder: Encoder, prefix: number, parts: readonly PartToEncode[]): void {
  encoder.skip(prefix);
  for (const { layout, version, flexible, value } of parts) {
    encoder.begin(version, flexible);
    encoder.struct(value, layout);
  }
}

/** The error of a failed encoding, with the path of the field: found by encoding once more, with a trace. */
function named(error: unknown, { api, version }: Subject, parts: readonly PartToEncode[]): unknown {
  const trace = new FieldTrace();
  const place = { ...(api === undefined ? {} : { api }), ...(version === undefined ? {} : { version }) };
  try {
    writeAll(new TracingEncoder(trace), 0, parts);
  } catch (again) {
    if (again instanceof InvalidValueError) return new InvalidValueError(again.problem, trace.path);
    if (again instanceof UnsupportedVersionError) return new UnsupportedVersionError(again.problem, { ...place, path: trace.path });
  }
  return error;
}

/** Decodes one part from `start` on. `last` means that nothing may stand behind it. */
export function decodePart<T>(
  part: Part<T>,
  subject: Subject,
  bytes: Uint8Array,
  start: number,
  last: boolean,
): { value: T; end: number } {
  try {
    return readPart(new Decoder(bytes, part.version, part.flexible, start), part, last);
  } catch (error) {
    throw error instanceof MalformedMessageError ? located(error, part, subject, bytes, start, last) : error;
  }
}

function readPart<T>(decoder: Decoder, { layout, nearestIntegers = false }: Part<T>, last: boolean): { value: T; end: number } {
  decoder.nearestIntegers = nearestIntegers;
  const value = decoder.struct(undefined, layout);
  if (last) decoder.expectEnd();
  return { value, end: decoder.position };
}

/** The error of a failed decoding, with the path of the field: found by decoding once more, with a trace. */
function located<T>(
  error: MalformedMessageError,
  part: Part<T>,
  subject: Subject,
  bytes: Uint8Array,
  start: number,
  last: boolean,
): MalformedMessageError {
  const trace = new FieldTrace();
  try {
    readPart(new TracingDecoder(trace, bytes, part.version, part.flexible, start), part, last);
  } catch (again) {
    if (again instanceof MalformedMessageError) return again.at(trace.path === "" ? subject : { ...subject, path: trace.path });
  }
  return error.at(subject);
}
