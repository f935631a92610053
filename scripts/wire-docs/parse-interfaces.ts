import { commentAt, paragraphsOf } from "./doc-comment.ts";

export interface FieldSource {
  readonly name: string;
  /** As written, e.g. `readonly FetchTopic[] | null`. */
  readonly type: string;
  /** Empty when the name says it all. */
  readonly doc: string;
}

export interface InterfaceSource {
  readonly name: string;
  readonly doc: string;
  readonly fields: ReadonlyMap<string, FieldSource>;
}

const INTERFACE = /^(?:export )?interface (\w+) \{(\})?$/;
const FIELD = /^ {2}readonly (\w+): (.+);$/;

/** All interfaces of a source text that Biome has formatted, with the comments before them and before their fields. */
export function parseInterfaces(source: string, problem: (text: string) => void): ReadonlyMap<string, InterfaceSource> {
  const lines = source.split("\n");
  const interfaces = new Map<string, InterfaceSource>();
  let doc = "";
  for (let at = 0; at < lines.length; ) {
    const comment = commentAt(lines, at);
    if (comment !== undefined) {
      doc = textOf(comment.comment);
      at = comment.end;
      continue;
    }
    const [, name, closed] = INTERFACE.exec(lines[at++] ?? "") ?? [];
    if (name !== undefined) {
      const body = closed === undefined ? parseFields(lines, at, name, problem) : { fields: new Map(), end: at };
      interfaces.set(name, { name, doc, fields: body.fields });
      at = body.end;
    }
    doc = "";
  }
  return interfaces;
}

function parseFields(
  lines: readonly string[],
  start: number,
  owner: string,
  problem: (text: string) => void,
): { readonly fields: ReadonlyMap<string, FieldSource>; readonly end: number } {
  const fields = new Map<string, FieldSource>();
  let doc = "";
  let at = start;
  while (at < lines.length && lines[at] !== "}") {
    const comment = commentAt(lines, at);
    if (comment !== undefined) {
      doc = textOf(comment.comment);
      at = comment.end;
      continue;
    }
    const line = lines[at++] ?? "";
    const [, name, type] = FIELD.exec(line) ?? [];
    if (name !== undefined && type !== undefined) fields.set(name, { name, type, doc });
    else if (line.trim() !== "") problem(`has a line in ${owner} that is no field: "${line.trim()}"`);
    doc = "";
  }
  return { fields, end: at + 1 };
}

function textOf(comment: readonly string[]): string {
  return paragraphsOf(comment).join(" ");
}

/** The interface that a field's type names: `FetchTopic` of `readonly FetchTopic[] | null`. */
export function namedType(type: string): string {
  return type
    .replace(/^readonly /, "")
    .replace(/ \| null$/, "")
    .replace(/\[\]$/, "");
}
