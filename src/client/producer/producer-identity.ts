/** Who writes: brokers know a batch that was sent twice by this and its sequence numbers. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}
