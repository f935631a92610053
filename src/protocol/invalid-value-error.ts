import { KafkaError } from "./kafka-error.ts";

/** A value that its field cannot carry: the caller's mistake, found before a byte is sent. */
export class InvalidValueError extends KafkaError {
  override readonly code = "INVALID_VALUE";
  override readonly retriable = false;
  /** What is wrong, without the place. */
  readonly problem: string;
  /** Path of the field, e.g. `topics[0].partitions[2].offset`. */
  readonly path: string | undefined;

  constructor(problem: string, path?: string) {
    super(path === undefined ? problem : `field ${path}: ${problem}`);
    this.problem = problem;
    this.path = path;
  }
}
