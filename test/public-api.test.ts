import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const SNAPSHOTS = join(ROOT, "test/public-api");

/** Entry points of the package, and where their declarations are. */
const ENTRY_POINTS: readonly { name: string; file: string }[] = [
  { name: "kafkawire", file: "index.d.ts" },
  { name: "protocol", file: "protocol/index.d.ts" },
  { name: "broker", file: "broker/index.d.ts" },
  { name: "opentelemetry", file: "client/telemetry/opentelemetry.d.ts" },
];

let declarations = "";

beforeAll(() => {
  declarations = mkdtempSync(join(tmpdir(), "kafkawire-api-"));
  const parameters = [
    "tsc",
    "-p",
    "tsconfig.build.json",
    "--emitDeclarationOnly",
    "--sourceMap",
    "false",
    "--inlineSources",
    "false",
  ];
  const built = spawnSync("npx", [...parameters, "--outDir", declarations], { cwd: ROOT, encoding: "utf8" });
  expect(built.stdout + built.stderr).not.toMatch(/error TS/);
});

afterAll(() => rmSync(declarations, { recursive: true, force: true }));

describe("the public API", () => {
  it.each(ENTRY_POINTS)("$name is what test/public-api/$name.txt says (UPDATE_API=1 writes it anew)", ({ name, file }) => {
    const snapshot = join(SNAPSHOTS, `${name}.txt`);
    const current = rolledUp(file);
    if (process.env["UPDATE_API"] === "1") writeFileSync(snapshot, current);
    expect(existsSync(snapshot) ? readFileSync(snapshot, "utf8") : "").toBe(current);
  });
});

/**
 * The declarations of an entry point and of every file that it reaches, without comments, file by file. API files are left out,
 * except for what they export: their fields are compared with Kafka's own schema.
 */
function rolledUp(entry: string): string {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    // What the protocol entry point hands on has a snapshot of its own.
    if (seen.has(file) || (file.startsWith("protocol/") && !entry.startsWith("protocol/"))) return;
    seen.add(file);
    for (const [, name] of read(file).matchAll(/from "(\.[^"]+)"/g))
      visit(
        resolve("/", dirname(file), name ?? "")
          .slice(1)
          .replace(/\.ts$|\.js$/, ".d.ts"),
      );
  };
  visit(entry);
  return [...seen].sort().map(section).join("\n");
}

function section(file: string): string {
  const text = withoutComments(read(file));
  const isApi = /protocol\/api\//.test(file) && /defineApi|: Api</.test(text);
  const shown = isApi ? exportedNames(text) : text.replace(/^import .*$\n?/gm, "");
  return `// ${file}\n${shown.trim()}\n`;
}

function exportedNames(text: string): string {
  return [...text.matchAll(/^export (?:declare )?(?:const|interface|type|class|function) (\w+)/gm)]
    .map((match) => match[0])
    .join("\n");
}

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "").replace(/^\/\/.*\n/gm, "");
}

function read(file: string): string {
  return readFileSync(join(declarations, file), "utf8");
}
