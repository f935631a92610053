// Producers at the edge of what they are made for, and what goes wrong just then.

import { crowdedKernels, slowSockets } from "../../faults/cluster-faults.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import { doubtOnDoubt, notConfirmed, produceFaults } from "../../faults/produce-faults.ts";
import type { WriterOptions } from "./producer-settings.ts";

export interface Strain {
  readonly weight: number;
  /** On top of everybody's. */
  readonly faults: readonly FaultKind[];
  /** What one more producer is told; without it there is none. */
  readonly settings?: (drawn: WriterOptions) => WriterOptions;
  readonly bursts: number;
  readonly mostRecords: number;
  /** Between two bursts, as a part of the request timeout. */
  readonly mostPause: number;
}

/** About as long as kernels are crowded. */
const REQUEST_MS = 1000;
const API_MS = 60_000;
const IDLE_MS = 540_000;

/** One request at a time, and no patience: what has waited long is given up while a socket still holds it. */
function hurried(drawn: WriterOptions): WriterOptions {
  return {
    ...drawn,
    requestTimeoutMs: REQUEST_MS,
    defaultApiTimeoutMs: API_MS,
    connectionsMaxIdleMs: IDLE_MS,
    maxInFlightRequestsPerConnection: 1,
    lingerMs: 0,
    deliveryTimeoutMs: REQUEST_MS,
    retries: Number.POSITIVE_INFINITY,
    bufferMemory: 10_000_000,
  };
}

/** Many small batches of one partition on their way at the same time. */
function dense(drawn: WriterOptions): WriterOptions {
  return {
    ...drawn,
    acks: "all",
    enableIdempotence: true,
    maxInFlightRequestsPerConnection: 5,
    lingerMs: 0,
    batchSize: 0,
    compression: "none",
    requestTimeoutMs: REQUEST_MS,
    defaultApiTimeoutMs: API_MS,
    connectionsMaxIdleMs: IDLE_MS,
    deliveryTimeoutMs: REQUEST_MS + 10_000,
    retries: Number.POSITIVE_INFINITY,
    bufferMemory: 10_000_000,
  };
}

const nobody = { bursts: 0, mostRecords: 0, mostPause: 0 };

export const strains: readonly Strain[] = [
  { weight: 9, faults: [], ...nobody },
  { weight: 4, faults: [...produceFaults, slowSockets], ...nobody },
  { weight: 6, faults: [crowdedKernels], settings: hurried, bursts: 60, mostRecords: 3, mostPause: 0.25 },
  { weight: 4, faults: [notConfirmed, doubtOnDoubt], settings: dense, bursts: 30, mostRecords: 20, mostPause: 0.3 },
];
