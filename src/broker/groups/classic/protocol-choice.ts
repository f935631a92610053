/** Which protocol (assignor) a classic group settles on, as a function of what its members offer. */
import type { JoinGroupProtocol } from "../../../protocol/index.ts";

/** What one member offers, preferred first. */
export type Offer = readonly JoinGroupProtocol[];

/** The names that every member knows. */
export function commonProtocols(offers: readonly Offer[]): ReadonlySet<string> {
  const [first, ...others] = offers.map((offer) => new Set(offer.map(({ name }) => name)));
  return new Set([...(first ?? [])].filter((name) => others.every((names) => names.has(name))));
}

/** Whether a newcomer shares a protocol with all of those who are there. */
export function canJoin(newcomer: Offer, offers: readonly Offer[]): boolean {
  if (offers.length === 0) return newcomer.length > 0;
  const common = commonProtocols(offers);
  return newcomer.some(({ name }) => common.has(name));
}

/** Every member votes for the first of its protocols that all know. Null without members. */
export function chooseProtocol(offers: readonly Offer[]): string | null {
  const common = commonProtocols(offers);
  const votes = new Map<string, number>();
  for (const offer of offers) {
    const vote = offer.find(({ name }) => common.has(name));
    if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
  }
  let chosen: string | null = null;
  let most = 0;
  for (const [name, count] of votes) {
    if (count > most) [chosen, most] = [name, count];
  }
  return chosen;
}

/** A protocol named twice does not count: Kafka adds up how often each is named, and wants as many as there are members. */
export function namedOnce(offer: Offer): Offer {
  const counts = new Map<string, number>();
  for (const { name } of offer) counts.set(name, (counts.get(name) ?? 0) + 1);
  return offer.filter(({ name }) => counts.get(name) === 1);
}

/** Same names in the same order, with the same metadata. */
export function equalOffers(one: Offer, other: Offer): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, metadata }, index) => name === other[index]!.name && Buffer.compare(metadata, other[index]!.metadata) === 0)
  );
}
