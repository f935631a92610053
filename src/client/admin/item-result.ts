import { KafkaError } from "../../protocol/index.ts";

/**
 * What came of one item of a call: the item as it was named, with its value, or with `error`. Told apart by `error`:
 *
 * ```ts
 * for (const topic of await admin.createTopics(topics)) {
 *   if (topic.error !== undefined) console.error(topic.name, topic.error.code);
 *   else console.log(topic.name, topic.topicId);
 * }
 * ```
 *
 * All calls over several items resolve to an array of these, one per item and in the order that was asked for. They reject when the
 * call as a whole failed, and, if there is one item only, with that item's error.
 */
export type ItemResult<Item, Value = unknown> =
  | (Item & Value & { readonly error?: undefined })
  | (Item & { readonly [Field in Exclude<keyof Value, keyof Item>]?: undefined } & { readonly error: KafkaError });

/**
 * What a call hands back, or throws: see `ItemResult`. That all items failed of one and the same cause, which was no broker's refusal
 * of any of them, is a failure of the whole.
 */
export function settledItems<Result extends object>(results: readonly Result[]): readonly Result[] {
  const first = errorOf(results[0]);
  if (first !== undefined && results.every((result) => errorOf(result) === first)) throw first;
  return results;
}

function errorOf(result: object | undefined): KafkaError | undefined {
  return result !== undefined && "error" in result && result.error instanceof KafkaError ? result.error : undefined;
}
