/** How much a consumer may have fetched and not handed out yet: what its options promise. */

export interface FetchLimits {
  readonly fetchMaxBytes: number;
  readonly maxPartitionFetchBytes: number;
}

/** Brokers answer with a first batch however large it is, and topics take no larger ones by default. */
const LARGEST_BATCH = 1_048_588;
/** Of a broker: the one in its session, and the one beside it. */
const REQUESTS = 2;

/**
 * The whole consumer: `fetchMaxBytes`, but always room for two answers of a partition, and for one of a partition that is never kept from
 * being asked for. No partition has more than two answers' worth. What belongs to paused partitions comes on top.
 */
export function boundOf(limits: FetchLimits, partitions: number, paused: number): number {
  const { fetchMaxBytes, maxPartitionFetchBytes } = limits;
  const oversize = Math.max(0, LARGEST_BATCH - maxPartitionFetchBytes);
  const ofPartition = 2 * maxPartitionFetchBytes + oversize;
  const ofAll = Math.max(fetchMaxBytes, 2 * maxPartitionFetchBytes) + maxPartitionFetchBytes + REQUESTS * oversize;
  return Math.min(partitions * ofPartition, ofAll + paused * ofPartition);
}
