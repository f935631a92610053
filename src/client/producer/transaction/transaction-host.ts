import type { KafkaError } from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { CallContext, CallOptions } from "../../client-core.ts";

/** What transactions need of the producer around them. */
export interface TransactionHost {
  /** Does work with the cluster until the deadline of `options` (`ClientCore.call`). */
  call<T>(what: string, options: CallOptions, work: (context: CallContext) => Promise<T>): Promise<T>;
  /** Resolves when every record sent so far is settled, well or badly; rejects at the deadline, or with its signal's reason. */
  flush(deadline: Deadline): Promise<void>;
  /** Resolves when no request with records is on its way, also none whose records are settled since their delivery took too long. */
  nothingOnItsWay(): Promise<void>;
  /** Fails every record that is not in flight; what is in flight goes on. */
  abortUnsent(error: KafkaError): void;
  /** Something has changed that batches wait for: identity, partitions added, state. */
  wake(): void;
}
