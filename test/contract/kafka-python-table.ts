// How a table of what users of kafka-python are used to is played: ours row by row, and theirs in one run of a program.

import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { preparePython, pythonWithClients } from "../interop/python/environment.ts";
import { runCommand } from "../support/child-processes.ts";
import { usableOrSkipped } from "../support/java-tools.ts";

export interface TableRow {
  readonly what: string;
  /** What kafka-python 3.0.12 shows. */
  readonly theirs: unknown;
  /** Why it shows that as a rule, and not always: it is not held to it. */
  readonly luck?: string;
  /** Where we differ on purpose, with the reason. */
  readonly ours?: unknown;
  readonly why?: string;
}

/** What a program of `test/interop/python` has printed: a line of JSON for each row. */
export type Observed = ReadonlyMap<string, unknown>;

interface TheirPlay {
  readonly program: string;
  readonly rows: readonly TableRow[];
  readonly bootstrapServers: () => string;
  /** What it prints beside the rows of the table, which tests of one's own look at. */
  readonly besides?: readonly string[];
  readonly moreTests?: (observed: () => Observed) => void;
}

const PROGRAM_MS = 180_000;
const missing = await preparePython();

export function playOurs<Row extends TableRow>(who: string, rows: readonly Row[], shown: (row: Row) => Promise<unknown>): void {
  describe(`${who} finds the same`, () => {
    for (const row of rows.filter(({ why }) => why === undefined)) {
      test(row.what, async () => expect(await shown(row)).toEqual(row.ours === undefined ? row.theirs : row.ours));
    }
  });

  describe(`${who} finds something else`, () => {
    for (const row of rows.filter(({ why }) => why !== undefined)) {
      test(`${row.what}: ${JSON.stringify(row.ours)}, for ${row.why}`, async () => {
        expect(row.ours).not.toEqual(row.theirs);
        expect(await shown(row)).toEqual(row.ours);
      });
    }
  });
}

export function playTheirs(title: string, { program, rows, bootstrapServers, besides = [], moreTests }: TheirPlay): void {
  describe.skipIf(!usableOrSkipped("kafka-python", missing?.unavailable))(title, () => {
    let observed: Observed;

    beforeAll(async () => {
      const suffix = `-${randomUUID()}`;
      const path = fileURLToPath(new URL(`../interop/python/${program}`, import.meta.url));
      const given = JSON.stringify({ bootstrapServers: bootstrapServers(), suffix });
      const { stdout } = await runCommand(await pythonWithClients(), ["-B", "-u", path, given]);
      const lines = stdout.replaceAll(suffix, "").trimEnd().split("\n");
      observed = new Map(lines.map((line): [string, unknown] => JSON.parse(line)));
    }, PROGRAM_MS);

    test.each(rows.filter(({ luck }) => luck === undefined).map((row) => [row.what, row] as const))("%s", (what, { theirs }) => {
      expect(observed.get(what)).toEqual(theirs);
    });

    test("is observed in nothing that the table does not have", () => {
      const known = new Set([...rows.map(({ what }) => what), ...besides]);
      expect([...observed.keys()].filter((what) => !known.has(what))).toEqual([]);
    });

    moreTests?.(() => observed);
  });
}
