import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { transactionsPage } from "../../scripts/transactions-page.ts";

describe("docs/transactions.md", () => {
  it("shows the states and the errors as the tables have them: `npm run docs` renders it", () => {
    const file = fileURLToPath(new URL("../../docs/transactions.md", import.meta.url));
    expect(readFileSync(file, "utf8")).toBe(transactionsPage());
  });

  it("has no arrow that the table has not, and every arrow once", () => {
    const arrows = transactionsPage().match(/^ {2}\w+ --> \w+/gm) ?? [];
    expect(arrows.length).toBeGreaterThan(8);
    expect(new Set(arrows).size).toBe(arrows.length);
  });
});
