import { type DeliveryVerdict, KafkaError } from "../../protocol/index.ts";
import { IllegalStateError } from "../errors.ts";

/** Whatever was thrown, as an error that can be a record's. */
export function asKafkaError(error: unknown): KafkaError {
  return error instanceof KafkaError ? error : new IllegalStateError(error instanceof Error ? error.message : String(error));
}

/** The error with that verdict: itself, or a copy if records with another verdict have it already. */
export function withVerdict<E extends KafkaError>(error: E, verdict: DeliveryVerdict): E {
  const own = error.verdict === undefined || error.verdict === verdict ? error : copyOf(error);
  own.verdict = verdict;
  return own;
}

function copyOf<E extends KafkaError>(error: E): E {
  const prototype: unknown = Object.getPrototypeOf(error);
  const copy: unknown = Object.create(typeof prototype === "object" ? prototype : null, {
    ...Object.getOwnPropertyDescriptors(error),
    // Its value: newer Nodes have a getter there, which gives nothing to any object but the error itself.
    stack: { value: error.stack, writable: true, configurable: true, enumerable: false },
  });
  return isLike(copy, error) ? copy : error;
}

/** It has the same prototype. */
function isLike<E extends KafkaError>(copy: unknown, error: E): copy is E {
  return copy instanceof KafkaError && copy.name === error.name;
}
