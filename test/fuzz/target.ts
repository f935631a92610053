/** Something that reads bytes of strangers. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with: valid ones, from fixtures. */
  readonly seeds: () => readonly Uint8Array[];
  /** Words that the format is made of, for mutations to use. */
  readonly dictionary?: readonly string[];
  /** Mends sizes and checksums in place, so that the input gets past them. Done to most inputs, not to all. */
  readonly mend?: (input: Uint8Array) => void;
  /**
   * Reads the input. It may throw a KafkaError and nothing else; whatever else it throws is a finding, a failed assertion about
   * what was read included.
   */
  readonly read: (input: Uint8Array) => unknown;
}

/** Writes the size in front of a frame that begins at `start`. */
export function mendFrameSize(input: Uint8Array, start: number): void {
  if (input.length >= start + 4) new DataView(input.buffer, input.byteOffset).setInt32(start, input.length - start - 4);
}

/** Bytes with a first byte that chooses among several readers. */
export function chosen(choice: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(choice), bytes]);
}
