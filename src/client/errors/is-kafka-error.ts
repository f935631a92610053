import { KafkaError } from "../../protocol/index.ts";

/**
 * Whether an error is one of ours. Unlike `instanceof` it also knows the errors of a second copy of this package (of another version, or
 * bundled with something else): by what makes them useful, a `code` and whether they are `retriable`. Which error it is, its `code` tells.
 */
export function isKafkaError(error: unknown): error is KafkaError {
  if (error instanceof KafkaError) return true;
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    "retriable" in error &&
    typeof error.retriable === "boolean"
  );
}
