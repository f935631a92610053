/** `not persisted`: it is in no log, and sending it again makes no duplicate. `possibly persisted`: nobody can tell. */
export type DeliveryVerdict = "not persisted" | "possibly persisted";

/** `retriable`: call again. `abortable`: abort the transaction, then begin anew. `fatal`: close the producer. */
export type TransactionSeverity = "retriable" | "abortable" | "fatal";

/**
 * The root of every error that kafkawire throws. It lives here, at the bottom of the import order, because decoding and
 * encoding throw too; the client's errors extend it.
 */
export abstract class KafkaError extends Error {
  /** Stable and machine-readable; messages may be reworded, codes are not. */
  abstract readonly code: string;
  /** True when the same call may succeed later without any change by the caller. */
  abstract readonly retriable: boolean;

  /** Of a record that was not sent, or not to anybody's knowledge: what became of it. Set on whatever a record fails with. */
  declare verdict?: DeliveryVerdict;
  /** Of what goes wrong in a transaction: who has to do something about it. */
  declare severity?: TransactionSeverity;

  protected constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }

  /** The transaction can only be aborted; then the producer goes on with the next. */
  get abortable(): boolean {
    return this.severity === "abortable";
  }

  /** The producer can only be closed. */
  get fatal(): boolean {
    return this.severity === "fatal";
  }
}
