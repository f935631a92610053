/** Topics that this client has created a moment ago. Other brokers than the controller learn of them a little later. */
import { KafkaError } from "../../protocol/index.ts";
import type { Clock } from "../async/clock.ts";
import { backoffMs } from "../cluster/backoff.ts";
import type { AdminContext } from "./admin-context.ts";

/** How long a broker may know nothing of them. */
const FRESH_MS = 5000;

export class FreshTopics {
  readonly #clock: Clock;
  /** When they stop being fresh; in that order. */
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  created(name: string): void {
    this.#drop();
    this.#untilMs.delete(name);
    this.#untilMs.set(name, this.#clock.monotonic() + FRESH_MS);
  }

  deleted(name: string): void {
    this.#untilMs.delete(name);
  }

  has(name: string): boolean {
    this.#drop();
    return this.#untilMs.has(name);
  }

  #drop(): void {
    const now = this.#clock.monotonic();
    for (const [name, untilMs] of this.#untilMs) {
      if (untilMs > now) return;
      this.#untilMs.delete(name);
    }
  }
}

/**
 * Asks about items, and again about those whose topic we have just created and the broker that answered does not know yet: whoever
 * creates a topic and describes it in the next line must not be told that there is none.
 *
 * @param topicOf the topic that an item is about, if it is about one by name
 */
export async function askUntilKnown<Item, Outcome>(
  context: AdminContext,
  items: readonly Item[],
  topicOf: (item: Item) => string | undefined,
  ask: (items: readonly Item[]) => Promise<ReadonlyMap<Item, Outcome>>,
): Promise<ReadonlyMap<Item, Outcome>> {
  const { deadline, freshTopics } = context;
  const outcomes = new Map<Item, Outcome>();
  let left = items;
  for (let attempt = 1; ; attempt++) {
    for (const [item, outcome] of await ask(left)) outcomes.set(item, outcome);
    left = left.filter((item) => isUnknown(outcomes.get(item)) && freshTopics.has(topicOf(item) ?? ""));
    const pauseMs = backoffMs(attempt, context, context.random);
    if (left.length === 0 || pauseMs >= deadline.leftMs) return outcomes;
    await deadline.sleep(pauseMs);
  }
}

function isUnknown(outcome: unknown): boolean {
  return outcome instanceof KafkaError && outcome.code === "UNKNOWN_TOPIC_OR_PARTITION";
}
