import { crc32 } from "../../src/protocol/records/crc32.ts";
import { crc32c } from "../../src/protocol/records/crc32c.ts";
import { invalidRecordsFixtures, recordsFixtures } from "../support/fixtures.ts";

/** Batches of all formats and codecs that Apache Kafka wrote, broken ones as well. */
export function recordSeeds(): readonly Uint8Array[] {
  return [...recordsFixtures(), ...invalidRecordsFixtures()]
    .flatMap((it) => (it.builderError === undefined && it.hex.length < 6000 ? [Buffer.from(it.hex, "hex")] : []))
    .filter(({ length }) => length > 0);
}

/**
 * Writes the right length into the last batch, and the right checksum into all of them. (Where the fields lie is said here once
 * more, so that a mistake in `batch-layout.ts` would be found.)
 */
export function mendBatches(input: Uint8Array): void {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  for (let start = 0; input.length - start > 21; ) {
    const left = input.length - start - 12;
    const claimed = view.getInt32(start + 8);
    const length = claimed >= 14 && claimed <= left ? claimed : left;
    view.setInt32(start + 8, length);
    const end = start + 12 + length;
    if (view.getInt8(start + 16) === 2) view.setUint32(start + 17, crc32c(input, start + 21, end));
    else view.setUint32(start + 12, crc32(input, start + 16, end));
    start = end;
  }
}
