import { commentAt, paragraphsOf } from "./doc-comment.ts";
import { type HeaderSource, parseHeader } from "./parse-header.ts";
import { type InterfaceSource, parseInterfaces } from "./parse-interfaces.ts";

/** A sentinel that an API's file exports. */
export interface NamedValue {
  readonly name: string;
  /** As written, without the separators of digits. */
  readonly value: string;
  readonly doc: string;
}

/** Everything that the text of a file in src/protocol/api says beside its layouts. */
export interface ApiSource {
  readonly header: HeaderSource;
  readonly interfaces: ReadonlyMap<string, InterfaceSource>;
  /** The interfaces that the two layouts are of. */
  readonly requestType: string;
  readonly responseType: string;
  readonly namedValues: readonly NamedValue[];
}

/** What an unfinished file still says instead of words. */
const PLACEHOLDER = /DOC \(|WHAT CHANGED|\bPURPOSE\b|\bTODO\b|\bFIXME\b/;
const NAMED_VALUE = /^export const ([A-Z][A-Z0-9_]*)(?:: \w+)? = (.+);$/;

/** Reads a file of src/protocol/api. What it lacks is told to `problem`; undefined when that is too much. */
export function parseApiSource(source: string, problem: (text: string) => void): ApiSource | undefined {
  source.split("\n").forEach((line, index) => {
    if (PLACEHOLDER.test(line)) problem(`line ${index + 1} is unfinished: "${line.trim()}"`);
  });
  const header = parseHeader(source, problem);
  const interfaces = parseInterfaces(source, problem);
  const requestType = rootType(source, "request", problem);
  const responseType = rootType(source, "response", problem);
  if (header === undefined || requestType === undefined || responseType === undefined) return undefined;
  return { header, interfaces, requestType, responseType, namedValues: parseNamedValues(source) };
}

function rootType(source: string, kind: string, problem: (text: string) => void): string | undefined {
  const [, type] = new RegExp(`^(?:export )?const ${kind}: Layout<(\\w+)>`, "m").exec(source) ?? [];
  if (type === undefined) problem(`has no \`const ${kind}: Layout<…>\``);
  return type;
}

function parseNamedValues(source: string): readonly NamedValue[] {
  const lines = source.split("\n");
  const values: NamedValue[] = [];
  for (let at = 0; at < lines.length; at++) {
    const comment = commentAt(lines, at);
    if (comment === undefined) continue;
    const [, name, value] = NAMED_VALUE.exec(lines[comment.end] ?? "") ?? [];
    if (name !== undefined && value !== undefined)
      values.push({ name, value: value.replaceAll("_", ""), doc: paragraphsOf(comment.comment).join(" ") });
    at = comment.end - 1;
  }
  return values;
}
