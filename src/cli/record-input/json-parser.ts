import type { HeaderValue, ProducerRecord, RecordHeader } from "../../index.ts";
import { shortened } from "./header-column.ts";
import type { InputItem, RecordParser } from "./input-item.ts";
import { rawMembers } from "./json-members.ts";
import { type Line, LineSplitter, textFrom, tooLong } from "./line-splitter.ts";

const MEMBERS: ReadonlySet<string> = new Set(["key", "value", "headers", "partition", "timestampMs"]);

/** Says what is wrong with a line. */
class WrongLine extends Error {}

/**
 * A record per line: `{ "key", "value", "headers", "partition", "timestampMs" }`, each of which may be left out. Keys and values that are
 * strings are sent as their text, null as null, anything else as the JSON that stands there. Empty lines are left out.
 */
export class JsonParser implements RecordParser {
  readonly #lines: LineSplitter = new LineSplitter();

  *push(piece: Uint8Array): Generator<InputItem> {
    for (const line of this.#lines.push(piece)) yield* itemsOf(line);
  }

  *end(): Generator<InputItem> {
    for (const line of this.#lines.end()) yield* itemsOf(line);
  }
}

function* itemsOf(line: Line): Generator<InputItem> {
  if (line.isTooLong) {
    yield tooLong(line);
    return;
  }
  const text = textFrom(line.bytes);
  if (text?.trim() === "") return;
  try {
    if (text === undefined) throw new WrongLine("is not UTF-8");
    yield { line: line.number, record: recordFrom(text) };
  } catch (error) {
    if (!(error instanceof WrongLine)) throw error;
    yield { line: line.number, problem: error.message };
  }
}

function recordFrom(text: string): ProducerRecord {
  const parsed = parse(text);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new WrongLine(`is no JSON object: ${shortened(text)}; --format lines sends lines as they are`);
  }
  const raw = rawMembers(text);
  for (const name of raw.keys()) if (!MEMBERS.has(name)) throw new WrongLine(strange(name));
  const headers = headersFrom(memberOf(parsed, "headers"));
  const partition = numberFrom("partition", memberOf(parsed, "partition"));
  const timestampMs = numberFrom("timestampMs", memberOf(parsed, "timestampMs"));
  return {
    key: textOf("key", memberOf(parsed, "key"), raw),
    value: textOf("value", memberOf(parsed, "value"), raw),
    ...(headers.length > 0 && { headers }),
    ...(partition !== undefined && { partition }),
    ...(timestampMs !== undefined && { timestampMs }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WrongLine(`is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function strange(name: string): string {
  return `has a member '${shortened(name)}', which is none of ${[...MEMBERS].join(", ")}; --format lines sends lines as they are`;
}

function memberOf(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

function textOf(name: string, value: unknown, raw: ReadonlyMap<string, string>): string | null {
  if (value === undefined || value === null) return null;
  return wellFormed(name, typeof value === "string" ? value : (raw.get(name) ?? JSON.stringify(value)));
}

/** JSON can write halves of surrogate pairs, which have no UTF-8. */
function wellFormed(name: string, text: string): string {
  if (/\p{Cs}/u.test(text)) throw new WrongLine(`has half of a surrogate pair in its ${name}, which has no UTF-8`);
  return text;
}

function numberFrom(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new WrongLine(`has a ${name} that is no whole number from 0 on: ${shortened(JSON.stringify(value))}`);
}

function headersFrom(value: unknown): readonly RecordHeader[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(pairFrom);
  if (typeof value !== "object") throw new WrongLine('has headers that are neither { "name": "value" } nor [["name", "value"]]');
  return Object.entries(value).flatMap(([name, one]: [string, unknown]) => {
    const repeated: readonly unknown[] = Array.isArray(one) ? one : [one];
    return repeated.map((each): RecordHeader => [wellFormed("headers", name), headerValue(name, each)]);
  });
}

function pairFrom(pair: unknown): RecordHeader {
  const parts: readonly unknown[] = Array.isArray(pair) ? pair : [];
  const [name, value, ...more] = parts;
  if (typeof name !== "string" || value === undefined || more.length > 0) {
    throw new WrongLine(`has a header that is not ["name", "value"]: ${shortened(JSON.stringify(pair))}`);
  }
  return [wellFormed("headers", name), headerValue(name, value)];
}

function headerValue(name: string, value: unknown): HeaderValue {
  if (value === null) return null;
  if (typeof value === "string") return wellFormed("headers", value);
  throw new WrongLine(`has a header '${shortened(name)}' whose value is neither a text nor null`);
}
