import { ACKNOWLEDGE_ACCEPT, ACKNOWLEDGE_REJECT, ACKNOWLEDGE_RELEASE, ACKNOWLEDGE_RENEW } from "../../protocol/index.ts";
import { IllegalStateError } from "../errors.ts";

/**
 * What becomes of a record: it was processed (`accept`), is delivered again to whomever (`release`), never again (`reject`), or stays
 * locked for this consumer for another while, whose next `poll` gives it again (`renew`, KIP-1222).
 */
export type AcknowledgeType = "accept" | "release" | "reject" | "renew";

const CODES: ReadonlyMap<unknown, number> = new Map([
  ["accept", ACKNOWLEDGE_ACCEPT],
  ["release", ACKNOWLEDGE_RELEASE],
  ["reject", ACKNOWLEDGE_REJECT],
  ["renew", ACKNOWLEDGE_RENEW],
]);

/** As it stands on the wire. */
export function acknowledgeCode(type: unknown): number {
  const code = CODES.get(type);
  if (code !== undefined) return code;
  throw new IllegalStateError(`acknowledge: a record is to 'accept', 'release', 'reject' or 'renew', not ${String(type)}`);
}
