import { type FetchPartitionData, parseControlRecord, type RecordBatch } from "../../../../src/protocol/index.ts";

/** Which batches a reader of what is committed leaves out; to be asked in their order. */
export class AbortedBatches {
  readonly #coming: { readonly producerId: bigint; readonly firstOffset: bigint | number }[];
  readonly #aborted = new Set<bigint>();

  constructor({ abortedTransactions }: FetchPartitionData) {
    this.#coming = [...(abortedTransactions ?? [])].sort((one, other) => Number(one.firstOffset) - Number(other.firstOffset));
  }

  has(batch: RecordBatch): boolean {
    while (this.#coming[0] !== undefined && Number(this.#coming[0].firstOffset) <= batch.lastOffset) {
      this.#aborted.add(this.#coming.shift()?.producerId ?? -1n);
    }
    const { producerId } = batch;
    if (batch.isControl) {
      const [mark] = batch.records();
      if (mark !== undefined && parseControlRecord(mark.key, mark.value).type === "ABORT") this.#aborted.delete(producerId);
      return true;
    }
    return batch.isTransactional && this.#aborted.has(producerId);
  }
}
