import type { KafkaError } from "../../../protocol/index.ts";

/** How it stands between a partition and the broker that is asked for it. */
export interface BrokerOutlook {
  /** The broker is asked for it, or will be with the next request. */
  readonly isAsked: boolean;
  /** When the request was sent (monotonic) that is not answered yet. */
  readonly sentAtMs: number | undefined;
  /** When the broker last answered what it is asked for in its session. */
  readonly answeredAtMs: number | undefined;
  readonly isConnecting: boolean;
  /** Why the last request, or the last attempt to connect, was in vain. */
  readonly failure: KafkaError | undefined;
}

/** The same, with what does not depend on the broker. */
export interface FetchOutlook extends BrokerOutlook {
  /** Who is asked. */
  readonly nodeId: number;
  /** What the broker has said of the partition instead of records, if that was its last word. */
  readonly refusal: KafkaError | undefined;
  /** The broker wants to hear nothing before (monotonic). */
  readonly throttledUntilMs: number;
}
