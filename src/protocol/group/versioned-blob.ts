import { decodePart, encodeParts } from "../frame/codec.ts";
import { InvalidValueError } from "../invalid-value-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import type { Draft, Layout } from "../wire/wire.ts";

/**
 * A message that travels inside a bytes field of another: two bytes of version, then the fields. Never flexible.
 *
 * Group members of different ages read each other's blobs, so a version that we do not know yet is read as the newest one that
 * we do, and what follows is ignored; the version itself is reported as it was sent.
 */
export interface VersionedBlob<T> {
  readonly name: string;
  readonly latestVersion: number;
  readonly layout: Layout<T>;
}

const VERSION_BYTES = 2;

export function encodeBlob<T>({ name, latestVersion, layout }: VersionedBlob<T>, version: number, value: Draft<T>): Uint8Array {
  if (!Number.isInteger(version) || version < 0 || version > latestVersion) {
    throw new InvalidValueError(`${name} has versions 0 to ${latestVersion}, not ${version}`);
  }
  const bytes = encodeParts(VERSION_BYTES, { api: name, version, kind: "" }, [{ layout, version, flexible: false, value }]);
  new DataView(bytes.buffer).setInt16(0, version);
  return bytes;
}

export function decodeBlob<T>({ name, latestVersion, layout }: VersionedBlob<T>, bytes: Uint8Array): { version: number; value: T } {
  if (bytes.length < VERSION_BYTES) throw new MalformedMessageError("too short for a version", { api: name, offset: 0 });
  const version = new DataView(bytes.buffer, bytes.byteOffset).getInt16(0);
  if (version < 0) throw new MalformedMessageError(`version ${version}`, { api: name, offset: 0 });
  const part = { layout, version: Math.min(version, latestVersion), flexible: false };
  const isNewer = version > latestVersion;
  const { value } = decodePart(part, { api: name, version, kind: "blob" }, bytes, VERSION_BYTES, !isNewer);
  return { version, value };
}
