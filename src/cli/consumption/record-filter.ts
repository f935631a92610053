import { UsageError } from "../usage-error.ts";
import type { ReadRecord } from "./record-writer.ts";

/** Whether a record is wanted. */
export type RecordFilter = (record: ReadRecord) => boolean;

type Field = (record: ReadRecord) => string | number | null | undefined;
type Test = (actual: string | number | null | undefined) => boolean;

const OPERATORS = ["!=", "!~", "<=", ">=", "=", "~", "<", ">"] as const;
type Operator = (typeof OPERATORS)[number];

/**
 * `key=k1`, `value~^a.*z$`, `value.customer.id=7` (a member of JSON), `header.source!=web`, `value=null`, `timestamp>=2026-05-01`,
 * `offset<100`: field, operator, text.
 *
 * @throws UsageError for what is no filter
 */
export function recordFilter(text: string): RecordFilter {
  const [, name, sign, wanted] = /^([A-Za-z][^=!~<>]*?)\s*(!=|!~|<=|>=|=|~|<|>)\s*(.*)$/su.exec(text) ?? [];
  const operator = OPERATORS.find((one) => one === sign);
  if (name === undefined || operator === undefined || wanted === undefined) {
    throw new UsageError(`--filter takes FIELD, one of ${OPERATORS.join(" ")}, and TEXT, as in key=k1 or value~^a, not '${text}'`);
  }
  const field = fieldNamed(name);
  const test = testOf(operator, wanted, name);
  return (record) => test(field(record));
}

/** All of them. */
export function everyFilter(filters: readonly RecordFilter[]): RecordFilter {
  return (record) => filters.every((filter) => filter(record));
}

function fieldNamed(name: string): Field {
  switch (name) {
    case "partition":
      return ({ partition }) => partition;
    case "offset":
      return ({ offset }) => offset;
    case "timestamp":
      return ({ timestamp }) => timestamp;
    case "key":
      return ({ key }) => textOf(key);
    case "value":
      return ({ value }) => textOf(value);
  }
  if (name.startsWith("header.")) return headerNamed(name.slice("header.".length));
  if (name.startsWith("key.")) return memberAt(({ key }) => key, name.slice("key.".length).split("."));
  if (name.startsWith("value.")) return memberAt(({ value }) => value, name.slice("value.".length).split("."));
  throw new UsageError(
    `--filter knows the fields key, value, key.MEMBER, value.MEMBER, header.NAME, partition, offset and timestamp, not '${name}'`,
  );
}

/** Of several headers of the name the last one counts, as in Java. */
function headerNamed(name: string): Field {
  return ({ headers }) => {
    const found = headers.findLast(([one]) => one === name);
    return found === undefined ? undefined : textOf(found[1]);
  };
}

/** A member of a JSON object, however deep; undefined if it is not there, or this is no JSON. */
function memberAt(part: (record: ReadRecord) => Uint8Array | null, path: readonly string[]): Field {
  return (record) => {
    let value = parsed(textOf(part(record)));
    for (const name of path) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
      value = Reflect.get(value, name);
    }
    if (value === null || typeof value === "number" || typeof value === "string") return value;
    return JSON.stringify(value);
  };
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined; // Other records of the topic may be JSON.
  }
}

function testOf(operator: Operator, wanted: string, name: string): Test {
  if (operator === "~" || operator === "!~") {
    const pattern = regexFrom(wanted);
    const isWanted = operator === "~";
    return (actual) => actual !== undefined && actual !== null && pattern.test(String(actual)) === isWanted;
  }
  if (operator === "=") return (actual) => isEqual(actual, wanted);
  if (operator === "!=") return (actual) => !isEqual(actual, wanted);
  const limit = limitFrom(wanted, name);
  return (actual) => {
    const value = typeof actual === "string" && actual.trim() !== "" ? Number(actual) : actual;
    if (typeof value !== "number" || Number.isNaN(value)) return false;
    if (operator === "<") return value < limit;
    if (operator === ">") return value > limit;
    return operator === "<=" ? value <= limit : value >= limit;
  };
}

/** A text that is `null` cannot be told from null; who needs to, uses `~^null$`. */
function isEqual(actual: string | number | null | undefined, wanted: string): boolean {
  return actual === null ? wanted === "null" : actual !== undefined && String(actual) === wanted;
}

function regexFrom(text: string): RegExp {
  try {
    return new RegExp(text, "su");
  } catch (error) {
    throw new UsageError(`--filter: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function limitFrom(text: string, name: string): number {
  const limit = name === "timestamp" && /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number(text);
  if (text.trim() !== "" && !Number.isNaN(limit)) return limit;
  throw new UsageError(
    `--filter: ${name} can only be compared with a number${name === "timestamp" ? " or a time" : ""}, not '${text}'`,
  );
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
