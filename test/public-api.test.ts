import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rolledUp } from "./public-api/roll-up.ts";

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
    // What the protocol's entry point hands on has a snapshot of its own.
    const isShown = (path: string): boolean => file.startsWith("protocol/") || !path.startsWith("protocol/");
    const current = rolledUp(declarations, file, isShown);
    if (process.env["UPDATE_API"] === "1") writeFileSync(snapshot, current);
    expect(existsSync(snapshot) ? readFileSync(snapshot, "utf8") : "").toBe(current);
  });
});
