/**
 * Renders docs/configuration.md from the tables of src/client/config. With `--check` it writes nothing and exits with 1 when the page
 * is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configurationPage } from "./configuration-page.ts";

const file = fileURLToPath(new URL("../docs/configuration.md", import.meta.url));

function present(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

const page = configurationPage();
const isFresh = present() === page;
if (process.argv.includes("--check")) {
  if (!isFresh) {
    console.error("docs/configuration.md is stale: run `npm run docs`");
    process.exitCode = 1;
  }
} else if (!isFresh) {
  writeFileSync(file, page);
  console.log("docs/configuration.md was stale");
}
console.log(`docs/configuration.md: ${page.split("\n").length} lines`);
