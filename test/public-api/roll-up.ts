// What a package's entry point offers, out of its declaration files: the declarations that it exports, those that they mention, and so
// on. Declarations that merely lie in the same file are not shown: nobody outside can name them.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

interface DeclarationFile {
  readonly path: string;
  /** By name; several of an overloaded function. */
  readonly declared: ReadonlyMap<string, readonly string[]>;
  /** A local name, where it comes from, and its name there. */
  readonly imported: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
  /** Files of which everything is exported. */
  readonly passedOn: readonly string[];
  /** Its import and export lists, for entry points. */
  readonly lists: readonly string[];
}

/** @param isShown whether what a file declares belongs into the picture; its names are then known elsewhere */
export function rolledUp(folder: string, entry: string, isShown: (path: string) => boolean): string {
  const rollUp = new RollUp(folder, isShown);
  rollUp.includeAllOf(entry);
  return rollUp.text(entry);
}

class RollUp {
  readonly #folder: string;
  readonly #isShown: (path: string) => boolean;
  readonly #files = new Map<string, DeclarationFile>();
  readonly #included = new Map<string, Set<string>>();

  constructor(folder: string, isShown: (path: string) => boolean) {
    this.#folder = folder;
    this.#isShown = isShown;
  }

  includeAllOf(path: string): void {
    const file = this.#file(path);
    for (const passedOn of file.passedOn) if (this.#isShown(passedOn)) this.includeAllOf(passedOn);
    for (const name of [...file.declared.keys(), ...file.imported.keys()]) this.#include(path, name);
  }

  #include(path: string, name: string): void {
    if (!this.#isShown(path)) return;
    const file = this.#file(path);
    const from = file.imported.get(name);
    if (from !== undefined) {
      this.#include(from.path, from.name);
      return;
    }
    const texts = file.declared.get(name);
    if (texts === undefined) {
      for (const passedOn of file.passedOn) this.#include(passedOn, name);
      return;
    }
    const names = this.#included.get(path) ?? new Set();
    if (names.has(name)) return;
    this.#included.set(path, names.add(name));
    for (const text of texts) for (const [word] of text.matchAll(/\w+/g)) this.#include(path, word);
  }

  text(entry: string): string {
    const sections = Array.from(this.#included, ([path, names]) => {
      const { declared } = this.#file(path);
      const shown = isApiFile(path, declared)
        ? headsOf(declared)
        : [...declared].filter(([name]) => names.has(name)).flatMap(([, texts]) => texts);
      return `// ${path}\n${shown.join("\n")}\n`;
    });
    return [...sections.sort(), `// ${entry}\n${this.#file(entry).lists.join("\n")}\n`].join("\n");
  }

  #file(path: string): DeclarationFile {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const file = parsed(path, withoutComments(readFileSync(join(this.#folder, path), "utf8")));
    this.#files.set(path, file);
    return file;
  }
}

const DECLARATION = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/;
const LIST = /^(?:import|export)(?: type)? (?:\{([^}]*)\}|\*)(?: from "([^"]+)")?;/;

function parsed(path: string, text: string): DeclarationFile {
  const declared = new Map<string, string[]>();
  const imported = new Map<string, { path: string; name: string }>();
  const passedOn: string[] = [];
  const lists: string[] = [];
  for (const statement of text.split(/^(?=(?:export|import|declare|type|interface)\b)/m).map((one) => one.trim())) {
    const [, name] = DECLARATION.exec(statement) ?? [];
    if (name !== undefined) {
      declared.set(name, [...(declared.get(name) ?? []), statement]);
      continue;
    }
    const [, names, from] = LIST.exec(statement) ?? [];
    if (statement.startsWith("export")) lists.push(statement);
    if (from === undefined || !from.startsWith(".")) continue;
    const source = resolve("/", dirname(path), from)
      .slice(1)
      .replace(/\.[tj]s$/, ".d.ts");
    if (names === undefined) passedOn.push(source);
    for (const part of names?.split(",") ?? []) {
      const [original = "", local = original] = part
        .trim()
        .replace(/^type /, "")
        .split(" as ");
      if (original !== "") imported.set(local, { path: source, name: original });
    }
  }
  return { path, declared, imported, passedOn, lists };
}

/** The fields of APIs are compared with Kafka's own schema; here their names are enough. */
function isApiFile(path: string, declared: ReadonlyMap<string, readonly string[]>): boolean {
  return path.startsWith("protocol/api/") && [...declared.values()].flat().some((text) => /: Api</.test(text));
}

function headsOf(declared: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...declared.values()].flat().flatMap((text) => (text.startsWith("export") ? (DECLARATION.exec(text)?.[0] ?? []) : []));
}

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "").replace(/^\/\/.*\n/gm, "");
}
