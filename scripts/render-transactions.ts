/**
 * Renders docs/transactions.md from the tables of src/client/producer/transaction. With `--check` it writes nothing and exits with 1 when the page
 * is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transactionsPage } from "./transactions-page.ts";

const file = fileURLToPath(new URL("../docs/transactions.md", import.meta.url));

function present(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

const page = transactionsPage();
const isFresh = present() === page;
if (process.argv.includes("--check")) {
  if (!isFresh) {
    console.error("docs/transactions.md is stale: run `npm run docs`");
    process.exitCode = 1;
  }
} else if (!isFresh) {
  writeFileSync(file, page);
  console.log("docs/transactions.md was stale");
}
console.log(`docs/transactions.md: ${page.split("\n").length} lines`);
