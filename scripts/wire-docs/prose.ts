import { apis, errorCodes } from "../../src/protocol/index.ts";
import { code, escapeText, link, mapOutsideCode } from "./markdown.ts";
import { pageFileOf } from "./page-file.ts";

/** Only names that are no everyday words: `SyncGroup`, but not `Fetch`. */
const linkable: ReadonlyMap<string, string> = new Map(
  apis.filter(({ name }) => /[a-z][A-Z]/.test(name)).map(({ name }) => [name, pageFileOf(name)]),
);
const errorNames: ReadonlySet<string> = new Set(errorCodes.map(({ name }) => name).filter((name) => name.includes("_")));

/** Where a reader of docs/wire finds what the sources call by its folder. */
const folders: ReadonlyMap<string, string> = new Map([
  ["records", "records.md"],
  ["group", "../../src/protocol/group/README.md"],
  ["sasl", "../../src/protocol/sasl/README.md"],
]);
const FOLDER = new RegExp(`\`(${[...folders.keys()].join("|")})/\``, "g");

/** A sentence of the sources as Markdown: error codes set as code, other APIs linked. */
export function prose(text: string, ownPage = ""): string {
  const linked = escapeText(text).replace(FOLDER, (_, name: string) => link(name, folders.get(name) ?? ""));
  return mapOutsideCode(linked, (plain) =>
    plain.replace(/\b[A-Za-z][A-Za-z_]+\b/g, (word) => {
      if (errorNames.has(word)) return code(word);
      const page = linkable.get(word);
      return page === undefined || page === ownPage ? word : link(word, page);
    }),
  );
}

/** What comes before the first full stop that ends a sentence. */
export function firstSentence(text: string): string {
  const end = /(?<!\be\.g|\bi\.e)\.(?=\s+[A-Z])/.exec(text);
  return end === null ? text : text.slice(0, end.index + 1);
}
