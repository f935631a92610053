// What came of the items of a call, in short.

import type { KafkaError } from "../../../src/index.ts";

interface NamedResult {
  readonly name: string | undefined;
  readonly error?: KafkaError | undefined;
}

/** Names, with the code of the error or undefined. */
export function errorsByName(
  results: readonly NamedResult[],
): readonly (readonly [name: string | undefined, code: string | undefined])[] {
  return results.map(({ name, error }) => [name, error?.code]);
}
