import { commentAt, linesOf } from "./doc-comment.ts";

/** What the comment at the top of an API's file says. */
export interface HeaderSource {
  readonly name: string;
  readonly key: number;
  /** Paragraphs; the first says what the API is for. */
  readonly purpose: readonly string[];
  /** What each version changed. */
  readonly versions: ReadonlyMap<number, string>;
}

const TITLE = /^(\w+) \(key (\d+)\): (.*)$/;
const VERSION = /^v(\d+) +(\S.*)$/;
/** A line that goes on with the version above it stands under that version's text. */
const CONTINUATION = /^ {4,}(\S.*)$/;

/** Reads `Name (key n): purpose`, further paragraphs, and a line for each version. Undefined when there is no such header. */
export function parseHeader(source: string, problem: (text: string) => void): HeaderSource | undefined {
  const found = commentAt(source.split("\n"), 0);
  const lines = found === undefined ? [] : linesOf(found.comment);
  const titleAt = lines.findIndex((line) => line !== "");
  const [, name, key, begin] = TITLE.exec(lines[titleAt] ?? "") ?? [];
  if (name === undefined || begin === undefined) {
    problem("has no header that begins with `Name (key n): purpose`");
    return undefined;
  }
  const versions = new Map<number, string>();
  const prose = [begin];
  for (const line of lines.slice(titleAt + 1)) readLine(line, prose, versions, problem);
  return { name, key: Number(key), purpose: paragraphs(prose), versions };
}

function readLine(line: string, prose: string[], versions: Map<number, string>, problem: (text: string) => void): void {
  const [, number, change] = VERSION.exec(line) ?? [];
  const last = [...versions.keys()].at(-1);
  if (number !== undefined && change !== undefined) {
    const version = Number(number);
    if (last !== undefined && version <= last) problem(`lists v${version} after v${last}`);
    versions.set(version, change);
    return;
  }
  if (last === undefined) {
    prose.push(line);
    return;
  }
  const more = CONTINUATION.exec(line)?.[1];
  if (more !== undefined) versions.set(last, `${versions.get(last)} ${more}`);
  else if (line !== "") problem(`says something after its versions: "${line}"`);
}

function paragraphs(prose: readonly string[]): readonly string[] {
  const joined = prose.map((line) => (line === "" ? "\n" : line)).join(" ");
  return joined
    .split("\n")
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "");
}
