import { compileTopicRegex } from "../groups/consumer/topic-regex/topic-regex.ts";

/** Which transactional ids a pattern describes: RE2 syntax as in KIP-848, the whole id. Undefined when it is no pattern. */
export function transactionalIdPattern(pattern: string): ((transactionalId: string) => boolean) | undefined {
  const regex = compileTopicRegex(pattern);
  return "matches" in regex ? (transactionalId) => regex.matches(transactionalId) : undefined;
}
