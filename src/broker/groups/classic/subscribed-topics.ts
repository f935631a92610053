import { decodeSubscription, MalformedMessageError } from "../../../protocol/index.ts";
import type { Membership } from "./membership.ts";

/** Groups of this type are consumers, and their metadata are subscriptions. */
export const CONSUMER_PROTOCOL_TYPE = "consumer";

/**
 * What consumers subscribe to, read from the metadata that they joined with: the one thing a coordinator reads in there.
 * Undefined when the members are no consumers, or when somebody's metadata is no subscription; then nobody knows.
 */
export function subscribedTopics(members: Membership, protocolName: string | null): ReadonlySet<string> | undefined {
  if (members.protocolType !== CONSUMER_PROTOCOL_TYPE) return undefined;
  const topics = new Set<string>();
  for (const member of members) {
    const subscribed = topicsIn(member.metadataFor(protocolName));
    if (subscribed === undefined) return undefined;
    for (const topic of subscribed) topics.add(topic);
  }
  return topics;
}

function topicsIn(metadata: Uint8Array): readonly string[] | undefined {
  try {
    return decodeSubscription(metadata).value.topics;
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}
