/** What can be read of a producer at any moment, by whoever keeps it. Getters: they are read when metrics are. */
export interface ProducerGauges {
  /** `bufferMemory`: what records that are not sent yet may take, in bytes. */
  readonly bufferTotalBytes: number;
  /** What they take now. */
  readonly bufferBytes: number;
  /** Records that have been taken and are neither delivered nor failed. */
  readonly queuedRecords: number;
  /** Sends that wait for memory. */
  readonly waitingThreads: number;
  /** Produce requests that are sent and not answered. */
  readonly inFlightRequests: number;
}
