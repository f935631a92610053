import { KafkaError, type TransactionSeverity } from "../../../protocol/index.ts";
import type { OnDelivery } from "../delivery.ts";
import type { RecordMetadata } from "../record-metadata.ts";

/** Who is told what became of one record: exactly one of the two is called, once. */
export interface Recipient {
  delivered(metadata: RecordMetadata): void;
  failed(error: KafkaError): void;
}

/** As `Recipient`, or, for there is one with every record of `produce`, the callback itself. */
export type Told = Recipient | OnDelivery;

/** What a callback has thrown is nobody's failure but its own. */
export type OnThrown = (error: unknown) => void;

export function tellDelivered(told: Told, metadata: RecordMetadata, onThrown: OnThrown): void {
  if (typeof told !== "function") {
    told.delivered(metadata);
    return;
  }
  try {
    told(null, metadata);
  } catch (error) {
    onThrown(error);
  }
}

export function tellFailed(told: Told, error: KafkaError, onThrown: OnThrown): void {
  if (typeof told !== "function") {
    told.failed(error);
    return;
  }
  try {
    told(error, undefined);
  } catch (thrown) {
    onThrown(thrown);
  }
}

type Resolve = (metadata: RecordMetadata) => void;
type Reject = (error: Error) => void;

/** There is a promise for every record of `send`; with an executor for all of them, each costs one closure less. */
let resolveOfLast: Resolve;
let rejectOfLast: Reject;
function keep(resolve: Resolve, reject: Reject): void {
  resolveOfLast = resolve;
  rejectOfLast = reject;
}

/** Behind `send`: a promise of the record's metadata. */
export class PromiseRecipient implements Recipient {
  readonly promise: Promise<RecordMetadata>;
  readonly #resolve: Resolve;
  readonly #reject: Reject;

  constructor() {
    this.promise = new Promise(keep);
    this.#resolve = resolveOfLast;
    this.#reject = rejectOfLast;
  }

  delivered(metadata: RecordMetadata): void {
    this.#resolve(metadata);
  }

  failed(error: KafkaError): void {
    this.#reject(error);
  }

  /** The caller has given up: whatever becomes of the record is not told any more. */
  abort(reason: Error): void {
    this.#reject(reason);
  }
}

const WORST_FIRST: readonly TransactionSeverity[] = ["fatal", "abortable", "retriable"];

/** One of `sendBatch`'s records. */
export interface BatchFailure {
  /** Its place among the records that were given. */
  readonly index: number;
  readonly error: KafkaError;
}

/** Some records of a `sendBatch` were not sent, for more than one reason or not all of them. */
export class SendBatchError extends KafkaError {
  override readonly code = "SEND_BATCH";
  override readonly retriable: boolean;
  readonly failures: readonly BatchFailure[];
  /** By the place among the records that were given; undefined for those that failed. */
  readonly results: readonly (RecordMetadata | undefined)[];

  constructor(failures: readonly BatchFailure[], results: readonly (RecordMetadata | undefined)[]) {
    const [first] = failures;
    const said = first === undefined ? "" : `; the first, record ${first.index}: ${first.error.message}`;
    super(`${failures.length} of ${results.length} records were not sent${said}`, { cause: first?.error });
    this.failures = failures;
    this.results = results;
    this.retriable = failures.every(({ error }) => error.retriable);
    this.verdict = failures.some(({ error }) => error.verdict === "possibly persisted") ? "possibly persisted" : "not persisted";
    const worst = WORST_FIRST.find((severity) => failures.some(({ error }) => error.severity === severity));
    if (worst !== undefined) this.severity = worst;
  }
}

/** Behind `sendBatch`: waits for all of its records. */
export class BatchCollector {
  readonly promise: Promise<RecordMetadata[]>;
  #resolve!: (results: RecordMetadata[]) => void;
  #reject!: (error: Error) => void;
  readonly #results: (RecordMetadata | undefined)[];
  readonly #failures: BatchFailure[] = [];
  #left: number;

  constructor(size: number) {
    this.#left = size;
    this.#results = Array.from({ length: size }, () => undefined);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (size === 0) this.#end();
  }

  recipient(index: number): Recipient {
    return {
      delivered: (metadata) => {
        this.#results[index] = metadata;
        this.#one();
      },
      failed: (error) => {
        this.#failures.push({ index, error });
        this.#one();
      },
    };
  }

  abort(reason: Error): void {
    this.#reject(reason);
  }

  #one(): void {
    if (--this.#left === 0) this.#end();
  }

  #end(): void {
    const failures = this.#failures.sort((one, other) => one.index - other.index);
    const [first] = failures;
    if (first === undefined) this.#resolve(this.#results.filter((result) => result !== undefined));
    else if (failures.length === this.#results.length && failures.every(({ error }) => error === first.error)) {
      this.#reject(first.error);
    } else this.#reject(new SendBatchError(failures, this.#results));
  }
}
