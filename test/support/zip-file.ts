// Just enough of the zip format to read files out of a jar.

import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_BYTES = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;

export interface ZipEntry {
  readonly name: string;
  read(): Uint8Array;
}

/** The entries of a zip file, from its central directory. No zip64, no encryption: jars have neither. */
export function zipEntries(path: string): readonly ZipEntry[] {
  const file = readFileSync(path);
  let end = file.length - END_OF_DIRECTORY_BYTES;
  while (end >= 0 && file.readUInt32LE(end) !== END_OF_DIRECTORY) end -= 1;
  if (end < 0) throw new Error(`${path} is no zip file: it has no central directory`);
  const count = file.readUInt16LE(end + 10);
  let at = file.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i += 1) {
    if (file.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error(`${path}: entry ${i} of the central directory is broken`);
    const nameLength = file.readUInt16LE(at + 28);
    const nameAt = at + DIRECTORY_ENTRY_BYTES;
    const name = file.toString("utf8", nameAt, nameAt + nameLength);
    const entryAt = at;
    entries.push({ name, read: () => content(file, entryAt, name) });
    at = nameAt + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return entries;
}

function content(file: Buffer, entryAt: number, name: string): Uint8Array {
  const method = file.readUInt16LE(entryAt + 10);
  const compressedSize = file.readUInt32LE(entryAt + 20);
  const local = file.readUInt32LE(entryAt + 42);
  // The lengths of name and extra field are those of the local header: they may differ from the directory's.
  const start = local + LOCAL_HEADER_BYTES + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const bytes = file.subarray(start, start + compressedSize);
  if (method === STORED) return bytes;
  if (method === DEFLATED) return inflateRawSync(bytes);
  throw new Error(`${name} is compressed with method ${method}, only deflate is known`);
}
