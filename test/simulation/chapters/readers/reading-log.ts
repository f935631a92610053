import type { TopicPartition } from "../../../../src/client/index.ts";
import type { Reader } from "./reader.ts";
import type { Claim, Stretch } from "./trail.ts";

/** What all readers of a life have read, and what they say about it. */
export class ReadingLog {
  readonly readers: Reader[] = [];
  readonly stretches: Stretch[] = [];
  readonly claimed: Claim[] = [];
  /** By group (or reader without one) and partition: as far as it was ever processed. */
  readonly #processed = new Map<string, number>();

  processed(reader: Reader, place: TopicPartition, next: number): void {
    const key = keyOf(reader, place);
    this.#processed.set(key, Math.max(this.#processed.get(key) ?? 0, next));
  }

  processedOf(reader: Reader, place: TopicPartition): number {
    return this.#processed.get(keyOf(reader, place)) ?? 0;
  }

  claims(
    reader: Reader,
    { topic, partition }: TopicPartition,
    claim: { readonly what: string; readonly from: number; readonly to: number; readonly except?: ReadonlySet<number> },
  ): void {
    const { clientId } = reader.client;
    const what = `${clientId} in ${topic}-${partition}: ${claim.what}`;
    this.claimed.push({ except: new Set(), ...claim, what, topic, partition, isCommitted: reader.isCommitted });
  }
}

function keyOf({ groupId, client }: Reader, { topic, partition }: TopicPartition): string {
  return `${groupId ?? client.clientId} ${topic}-${partition}`;
}
