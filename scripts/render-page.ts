import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Brings a page of docs/ up to date. With `--check` it writes nothing, and the process ends with 1 when the page is stale. */
export function renderPage(name: string, page: string): void {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  const isFresh = textOf(file) === page;
  if (process.argv.includes("--check")) {
    if (!isFresh) {
      console.error(`docs/${name} is stale: run \`npm run docs\``);
      process.exitCode = 1;
    }
  } else if (!isFresh) {
    writeFileSync(file, page);
    console.log(`docs/${name} was stale`);
  }
  console.log(`docs/${name}: ${page.split("\n").length} lines`);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
