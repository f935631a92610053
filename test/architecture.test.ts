import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

/** Which folder may import which, and why not more. A folder may always import itself. */
const LAW: readonly { from: string; mayImport: readonly string[]; because: string }[] = [
  { from: "protocol", mayImport: [], because: "the wire format is pure: it knows nobody and runs in a browser" },
  { from: "client", mayImport: ["protocol"], because: "a client must not need the broker or the tools" },
  { from: "broker", mayImport: ["protocol"], because: "a bug shared with the client would agree with itself" },
  { from: "dataset", mayImport: ["client"], because: "datasets are users of the client like any other" },
  { from: "inspect", mayImport: ["protocol"], because: "the inspector explains bytes, whoever sent them" },
  {
    from: "cli",
    mayImport: ["protocol", "client", "broker", "dataset", "inspect", "index.ts"],
    because: "commands use everything",
  },
  { from: "index.ts", mayImport: ["protocol", "client"], because: "the entry point only re-exports" },
];

/** The same inside protocol, so that its parts can be read one after the other. */
const PROTOCOL_LAW: readonly { from: string; mayImport: readonly string[]; because: string }[] = [
  { from: "wire", mayImport: [], because: "primitives and layouts are the bottom" },
  { from: "records", mayImport: [], because: "record batches are coded by hand, without layouts" },
  { from: "sasl", mayImport: [], because: "authentication exchanges carry opaque bytes" },
  { from: "api", mayImport: ["wire"], because: "records travel through messages as opaque bytes" },
  { from: "frame", mayImport: ["wire", "api"], because: "frames are headers and bodies" },
  { from: "group", mayImport: ["wire", "frame"], because: "blobs are coded as messages are" },
  { from: "data", mayImport: ["wire", "frame"], because: "so are the other messages inside bytes" },
  { from: "releases", mayImport: ["api"], because: "what a release speaks is said in API versions" },
  { from: "annotate", mayImport: ["wire", "api", "frame", "records"], because: "it explains everything, and nobody needs it" },
];

const ONLY_HERE: readonly { what: RegExp; where: RegExp; because: string }[] = [
  {
    what: /from "node:(net|tls)"/,
    where: /-transport\.ts$/,
    because: "sockets are replaced by memory in simulations",
  },
  {
    what: /\bset(Timeout|Interval)\(/,
    where: /^client\/async\/deadline\.ts$|^broker\/clock\.ts$/,
    because: "time is injected, so that tests can hold it",
  },
  {
    what: /\bDate\.now\(|\bMath\.random\(|\brandomUUID\(/,
    where: /^client\/runtime\.ts$|^broker\/(clock|random)\.ts$/,
    because: "time and chance are injected",
  },
];

const NAMELESS = /^(utils?|helpers?|common|misc|types|managers?|handlers?)\.ts$/;
const HARD_LINE_CAP = 400;

const files = sourceFiles(SRC);

describe("the architecture", () => {
  it.each(LAW)("$from keeps to its imports: $because", ({ from, mayImport }) => {
    expect(forbiddenImports(files, "", from, mayImport)).toEqual([]);
  });

  it.each(PROTOCOL_LAW)("protocol/$from keeps to its imports: $because", ({ from, mayImport }) => {
    expect(forbiddenImports(files, "protocol", from, mayImport)).toEqual([]);
  });

  it("protocol imports no Node module and no package", () => {
    const outside = files
      .filter((file) => file.path.startsWith("protocol/") && !isTest(file.path))
      .flatMap(({ path, imports }) => imports.filter((name) => !name.startsWith(".")).map((name) => `${path}: ${name}`));
    expect(outside).toEqual([]);
  });

  it.each(ONLY_HERE)("$what stands only in $where: $because", ({ what, where }) => {
    const elsewhere = files.filter(({ path, text }) => !isTest(path) && !where.test(path) && what.test(text));
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
  });

  it("no file is called by a name that says nothing", () => {
    expect(files.map(({ path }) => path).filter((path) => NAMELESS.test(basename(path)))).toEqual([]);
  });

  it(`no file has more than ${HARD_LINE_CAP} lines, unless it is a table and says so at its top`, () => {
    const long = files.filter(({ text }) => text.split("\n").length > HARD_LINE_CAP && !/table/i.test(text.slice(0, 600)));
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it("every folder has a README of at most 40 lines", () => {
    const folders = new Set(files.map(({ path }) => dirname(path)).filter((folder) => folder !== "."));
    const readmes = [...folders].map((folder) => ({ folder, lines: linesOf(join(SRC, folder, "README.md")) }));
    expect(readmes.filter(({ lines }) => lines === undefined || lines > 40)).toEqual([]);
  });
});

interface SourceFile {
  /** Relative to src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sourceFiles(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => {
      const text = readFileSync(join(folder, path), "utf8");
      const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gm)];
      return { path: path.replaceAll("\\", "/"), text, imports: imports.map((match) => match[1] ?? match[2] ?? "") };
    });
}

/** Imports from folder `from` (below `base`) into a sibling that the law does not name. */
function forbiddenImports(all: readonly SourceFile[], base: string, from: string, mayImport: readonly string[]): readonly string[] {
  const root = base === "" ? "" : `${base}/`;
  // Tests may look at whatever they compare with.
  const inside = all.filter(({ path }) => !isTest(path) && (path === `${root}${from}` || path.startsWith(`${root}${from}/`)));
  return inside.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith("."))
      .map((name) => relative(SRC, resolve(SRC, dirname(path), name)).replaceAll("\\", "/"))
      .filter((target) => {
        const [folder = "", ...rest] = target.startsWith(root) ? target.slice(root.length).split("/") : ["outside", target];
        // Errors and other single files of the base folder belong to everybody in it.
        const isShared = base !== "" && rest.length === 0;
        return folder !== from && !isShared && !mayImport.includes(folder);
      })
      .map((target) => `${path} -> ${target}`),
  );
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

function linesOf(file: string): number | undefined {
  try {
    return readFileSync(file, "utf8").split("\n").length;
  } catch {
    return undefined;
  }
}
