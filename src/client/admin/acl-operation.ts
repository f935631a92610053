/** What somebody may do with a resource, by Kafka's names and codes. */
const NAMES = [
  "unknown",
  "any",
  "all",
  "read",
  "write",
  "create",
  "delete",
  "alter",
  "describe",
  "clusterAction",
  "describeConfigs",
  "alterConfigs",
  "idempotentWrite",
  "createTokens",
  "describeTokens",
  "twoPhaseCommit",
] as const;

export type AclOperation = (typeof NAMES)[number];

/** What brokers answer when nobody asked: the lowest int32. */
const NOT_ASKED = -0x8000_0000;
const FIRST_REAL_CODE = 3;

/** A bit field of authorized operations, bit n standing for code n, as names; undefined when the broker did not tell. */
export function operationsFromBits(bits: number): readonly AclOperation[] | undefined {
  if (bits === NOT_ASKED) return undefined;
  return NAMES.filter((_name, code) => code >= FIRST_REAL_CODE && (bits & (1 << code)) !== 0);
}
