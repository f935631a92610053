import type { ErrorName, KafkaError } from "../../../protocol/index.ts";

/**
 * What a coordinator's no means for the membership.
 *
 * - `come together`: the group is between two generations
 * - `other generation`: it went on without us; the member id is still good
 * - `unknown`: it does not know us any more
 * - `take id`: it has given us an id, and wants to see it
 * - `elsewhere`: another node coordinates the group
 * - `not yet`: it is still reading what it has stored
 * - `fenced`: another one has our static name
 * - `told`: nothing that we could do better
 */
export type Refusal = "come together" | "other generation" | "unknown" | "take id" | "elsewhere" | "not yet" | "fenced" | "told";

const REFUSALS: ReadonlyMap<string, Refusal> = new Map(
  Object.entries({
    REBALANCE_IN_PROGRESS: "come together",
    ILLEGAL_GENERATION: "other generation",
    UNKNOWN_MEMBER_ID: "unknown",
    MEMBER_ID_REQUIRED: "take id",
    NOT_COORDINATOR: "elsewhere",
    COORDINATOR_NOT_AVAILABLE: "elsewhere",
    COORDINATOR_LOAD_IN_PROGRESS: "not yet",
    FENCED_INSTANCE_ID: "fenced",
  } satisfies Partial<Record<ErrorName, Refusal>>),
);

/** G1 to G9. */
export function refusalOf({ code }: KafkaError): Refusal {
  return REFUSALS.get(code) ?? "told";
}
