/** Reads configuration as Java and librdkafka write it down: a .properties file, lines of `key=value`, or an object. */
import { quoted, showValue } from "../show-value.ts";

export type PropertiesInput = string | readonly string[] | Readonly<Record<string, string | number | boolean>>;

/** Names and texts in the order given; a name that comes again replaces the earlier one, as in Java. */
export function readProperties(input: unknown, problems: string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  try {
    if (typeof input === "string") readFile(input, found, problems);
    else if (Array.isArray(input)) for (const line of input) readLine(line, found, problems);
    else if (typeof input === "object" && input !== null) readRecord(input, found, problems);
    else problems.push(`properties must be the text of a file, a list of key=value, or an object, not ${showValue(input)}`);
  } catch {
    problems.push("the properties cannot be read: looking at them throws");
  }
  return found;
}

/** `enable.auto.commit=false`: nothing is escaped, so that passwords can be written as they are. */
function readLine(line: unknown, found: Map<string, string>, problems: string[]): void {
  if (typeof line !== "string") problems.push(`${showValue(line)} is not a text of the form key=value`);
  else {
    const at = line.indexOf("=");
    const name = line.slice(0, Math.max(at, 0)).trim();
    // What stands there instead of a name may be a password.
    if (name === "") problems.push("a line is not of the form key=value");
    else found.set(name, line.slice(at + 1).trim());
  }
}

function readRecord(record: object, found: Map<string, string>, problems: string[]): void {
  for (const [name, value] of entriesOf(record)) {
    if (value === undefined) continue;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") found.set(name, String(value));
    else problems.push(`${quoted(name)} must be a text, a number, true or false, not ${showValue(value)}`);
  }
}

/** java.util.Properties: comments, continued lines, `=` or `:` or a space between name and value, escapes. */
function readFile(text: string, found: Map<string, string>, problems: string[]): void {
  let logical = "";
  let isContinued = false;
  for (const [index, natural] of text.split(/\r\n|[\r\n]/).entries()) {
    const line = natural.replace(/^[ \t\f]+/, "");
    if (!isContinued && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue;
    logical += line;
    isContinued = (/\\+$/.exec(line)?.[0].length ?? 0) % 2 === 1;
    if (isContinued) logical = logical.slice(0, -1);
    else {
      readEntry(logical, index + 1, found, problems);
      logical = "";
    }
  }
  if (isContinued) readEntry(logical, text.split("\n").length, found, problems);
}

const ENTRY = /^((?:[^\\=: \t\f]|\\.)*)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+)?(.*)$/s;

function readEntry(line: string, lineNumber: number, found: Map<string, string>, problems: string[]): void {
  const [, name = "", value = ""] = ENTRY.exec(line) ?? [];
  if (name === "") problems.push(`line ${lineNumber} has no name before its value`);
  else if (/(?:^|[^\\])(?:\\\\)*\\u(?![0-9a-fA-F]{4})/.test(line))
    problems.push(`line ${lineNumber}: \\u must be followed by four hexadecimal digits`);
  else found.set(unescaped(name), unescaped(value).trimEnd());
}

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["f", "\f"],
]);

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? (CONTROLS.get(letter ?? "") ?? letter ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function entriesOf(record: object): readonly (readonly [string, unknown])[] {
  return Object.entries(record);
}
