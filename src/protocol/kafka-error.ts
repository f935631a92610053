/**
 * The root of every error that kafkawire throws. It lives here, at the bottom of the import order, because decoding and
 * encoding throw too; the client's errors extend it.
 */
export abstract class KafkaError extends Error {
  /** Stable and machine-readable; messages may be reworded, codes are not. */
  abstract readonly code: string;
  /** True when the same call may succeed later without any change by the caller. */
  abstract readonly retriable: boolean;

  protected constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
