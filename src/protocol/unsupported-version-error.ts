import { KafkaError } from "./kafka-error.ts";

/**
 * A version that one side does not speak, or a value that the chosen version has no field for. Kafka refuses to drop such a
 * value silently unless its absence is harmless ("ignorable"), and so do we.
 */
export class UnsupportedVersionError extends KafkaError {
  override readonly code = "UNSUPPORTED_VERSION";
  override readonly retriable = false;
  /** What is wrong, without the place. */
  readonly problem: string;
  /** Kafka's name of the API, when one is concerned. */
  readonly api: string | undefined;
  readonly version: number | undefined;
  /** Path of the field, when one is concerned. */
  readonly path: string | undefined;

  constructor(problem: string, place: { readonly api?: string; readonly version?: number; readonly path?: string } = {}) {
    const message = place.api === undefined ? "" : `${place.api}${place.version === undefined ? "" : ` v${place.version}`}`;
    const field = place.path === undefined ? "" : `field ${place.path}`;
    const where = [message, field].filter((part) => part !== "").join(", ");
    super(where === "" ? problem : `${where}: ${problem}`);
    this.problem = problem;
    this.api = place.api;
    this.version = place.version;
    this.path = place.path;
  }
}
