/**
 * Renders docs/wire from the registry and the comments of src/protocol/api. With `--check` it writes nothing and exits with 1
 * when a page is stale, missing or superfluous. In both cases gaps in the sources are errors.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderPages } from "./wire-docs/render-pages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs/wire");

/** File name -> what is wrong with it. */
function differences(pages: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const present = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const found = new Map<string, string>();
  for (const [file, text] of pages) {
    if (!present.has(file)) found.set(file, "missing");
    else if (readFileSync(join(folder, file), "utf8") !== text) found.set(file, "stale");
  }
  for (const file of present) if (!pages.has(file)) found.set(file, "superfluous");
  return found;
}

function check(found: ReadonlyMap<string, string>): void {
  for (const [file, what] of found) console.error(`docs/wire/${file} is ${what}`);
  if (found.size === 0) return;
  console.error("run `npm run docs`");
  process.exitCode = 1;
}

function write(pages: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, what] of found) {
    const text = pages.get(file);
    if (text === undefined) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), text);
    console.log(`docs/wire/${file} was ${what}`);
  }
}

const { pages, problems } = renderPages(root);
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  console.error(`${problems.length} gaps in the sources: nothing was rendered`);
  process.exitCode = 1;
} else {
  const found = differences(pages);
  if (process.argv.includes("--check")) check(found);
  else write(pages, found);
  console.log(`docs/wire: ${pages.size} pages`);
}
