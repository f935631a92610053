/** Batches as readers of old formats know them: brokers before 4.0 convert for whoever asks with Fetch before version 4. */
import { type CompressionName, encodeMessageSet, type Magic, type RecordBatch, readBatches } from "../../../protocol/index.ts";
import { brokerCodecs, MAX_UNFOLDED_BYTES } from "../produce/broker-codecs.ts";

/** The newest format that readers with this version of Fetch know. */
export function readableMagic(fetchVersion: number): Magic {
  if (fetchVersion <= 1) return 0;
  return fetchVersion <= 3 ? 1 : 2;
}

/** Undefined when a batch is compressed with zstd, which the old formats do not have. */
export function downConverted(records: Uint8Array, magic: Magic, fetchOffset: number): Uint8Array | undefined {
  const sets: Uint8Array[] = [];
  for (const batch of readBatches(records, { checkCrc: false, codecs: brokerCodecs, maxOutputBytes: MAX_UNFOLDED_BYTES })) {
    if (batch.isControl) continue;
    const { compression } = batch;
    if (compression === "zstd") return undefined;
    sets.push(messageSetOf(batch, magic, compression, fetchOffset));
  }
  return Buffer.concat(sets);
}

/** Without headers; and without the records before the asked offset, unless they would have to be compressed anew. */
function messageSetOf(batch: RecordBatch, magic: Magic, compression: CompressionName, fetchOffset: number): Uint8Array {
  const records = batch
    .records()
    .filter(({ offset }) => compression !== "none" || offset >= fetchOffset)
    .map(({ offset, timestamp, key, value }) => ({ offset, timestamp, key, value }));
  return encodeMessageSet({ magic, records, timestampType: batch.timestampType, compression, codecs: brokerCodecs });
}
