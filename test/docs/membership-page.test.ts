import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { membershipPage } from "../../scripts/membership-page.ts";
import { membershipTable } from "../../src/client/group/classic/membership-table.ts";
import { memberTable } from "../../src/client/group/consumer-protocol/member-table.ts";

/** `FROM --> TO: event, event`, one for each event. */
function arrowsIn(diagram: string): readonly string[] {
  return [...diagram.matchAll(/^ {2}(\w+) --> (\w+): (.+)$/gm)].flatMap(([, from, to, events = ""]) =>
    events.split(", ").map((event) => `${from} ${event} ${to}`),
  );
}

function arrowsOf(table: object): readonly string[] {
  return Object.entries(table).flatMap(([from, row]) =>
    Object.entries(row as Readonly<Record<string, { readonly to: readonly string[] }>>).flatMap(([event, { to }]) =>
      to.filter((target) => target !== from).map((target) => `${from} ${event} ${target}`),
    ),
  );
}

describe("docs/membership.md", () => {
  it("shows the states of members as the tables have them: `npm run docs` renders it", () => {
    const file = fileURLToPath(new URL("../../docs/membership.md", import.meta.url));
    expect(readFileSync(file, "utf8")).toBe(membershipPage());
  });

  it.each([
    ["classic", 0, membershipTable],
    ["consumer", 1, memberTable],
  ] as const)("%s: draws every arrow of the table but `leave` and those to DEAD, and no other", (_protocol, index, table) => {
    const diagram = membershipPage().match(/```mermaid[^`]*```/g)?.[index] ?? "";
    const wanted = arrowsOf(table).filter((arrow) => !/ leave | DEAD$/.test(arrow));
    expect(arrowsIn(diagram).toSorted()).toEqual(wanted.toSorted());
    expect(wanted.length).toBeGreaterThan(4);
  });
});
