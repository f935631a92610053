import type { DeliveryVerdict, KafkaError } from "../../protocol/index.ts";

/** The error with that verdict: itself, or a copy if records with another verdict have it already. */
export function withVerdict<E extends KafkaError>(error: E, verdict: DeliveryVerdict): E {
  if (error.verdict !== undefined && error.verdict !== verdict) {
    const copy: E = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error));
    copy.verdict = verdict;
    return copy;
  }
  error.verdict = verdict;
  return error;
}
