import { IllegalStateError } from "../errors.ts";
import type { HeaderValue, RecordHeader, RecordHeaders } from "./producer-record.ts";

/** Headers in whatever shape, as pairs. @throws IllegalStateError for what cannot be one */
export function headerPairs(headers: RecordHeaders | undefined): readonly RecordHeader[] {
  if (headers === undefined || headers === null) return NONE_PAIRS;
  const pairs = isPairs(headers) ? headers : isMap(headers) ? [...headers] : pairsOfObject(headers);
  for (const pair of pairs) check(pair);
  return pairs;
}

const NONE_PAIRS: readonly RecordHeader[] = Object.freeze([]);

function isPairs(headers: RecordHeaders): headers is readonly RecordHeader[] {
  return Array.isArray(headers);
}

function isMap(headers: RecordHeaders): headers is ReadonlyMap<string, HeaderValue> {
  return headers instanceof Map;
}

function pairsOfObject(
  headers: Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>> | ReadonlyMap<string, HeaderValue>,
): readonly RecordHeader[] {
  if (typeof headers !== "object") throw new IllegalStateError(`headers must be pairs or an object, not ${typeof headers}`);
  const pairs: RecordHeader[] = [];
  for (const [key, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const one of value) pairs.push([key, one]);
    else if (value !== undefined) pairs.push([key, value]);
  }
  return pairs;
}

function check(pair: unknown): void {
  if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== "string") {
    throw new IllegalStateError("a header must be a pair: [name, value], where the name is text");
  }
  const value: unknown = pair[1];
  if (value === null || typeof value === "string" || value instanceof Uint8Array) return;
  throw new IllegalStateError(`header '${pair[0]}': its value must be bytes, text or null, not ${typeof value}`);
}
