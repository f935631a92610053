import { type ErrorName, errorByName, KafkaError } from "../../protocol/index.ts";

/** A record that the broker objects to, and why (KIP-467). */
export interface RecordRefusal {
  readonly batchIndex: number;
  readonly message: string | null;
}

/** Nothing was appended. `errorName` is what the client is told. */
export class AppendRefusal extends KafkaError {
  override readonly code = "APPEND_REFUSED";
  override readonly retriable: boolean;
  readonly errorName: ErrorName;
  readonly recordErrors: readonly RecordRefusal[];
  /** Whether the client is told the message: real brokers keep most of them for their own logs. */
  readonly tellsMessage: boolean;

  constructor(
    errorName: ErrorName,
    message: string,
    options: { readonly recordErrors?: readonly RecordRefusal[]; readonly tellsMessage?: boolean } = {},
  ) {
    super(message);
    this.errorName = errorName;
    this.retriable = errorByName(errorName).retriable;
    this.recordErrors = options.recordErrors ?? [];
    this.tellsMessage = options.tellsMessage ?? this.recordErrors.length > 0;
  }
}
