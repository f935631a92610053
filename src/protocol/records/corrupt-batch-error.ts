import { KafkaError } from "../kafka-error.ts";

/**
 * A batch whose checksum does not fit its bytes: they were damaged on a disk or on the way. Retriable, because another fetch
 * may bring them whole; a consumer must not step over it silently.
 */
export class CorruptBatchError extends KafkaError {
  override readonly code = "CORRUPT_BATCH";
  override readonly retriable = true;
  readonly baseOffset: bigint;
  readonly storedCrc: number;
  readonly computedCrc: number;

  constructor(place: { readonly baseOffset: bigint; readonly storedCrc: number; readonly computedCrc: number }) {
    const { baseOffset, storedCrc, computedCrc } = place;
    super(
      `the batch at offset ${baseOffset} is damaged: its checksum says ${storedCrc}, its bytes give ${computedCrc}; ` +
        "fetch it again, and if it stays so, look at the broker's disk",
    );
    this.baseOffset = baseOffset;
    this.storedCrc = storedCrc;
    this.computedCrc = computedCrc;
  }
}
