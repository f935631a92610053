/**
 * Groups drawn by chance, whose members come, go and change their minds: our assignors give everybody what Java's own give, but where those
 * give a member what it does not want (one assignment in four thousand).
 */
import assert from "node:assert/strict";
import { astrayWithUs, hasJavaGoneAstray, hasNamesakes, javasShares, ourShares } from "../support/assignor-cases.ts";
import type { OracleServer } from "../support/oracle-server.ts";
import type { Tally } from "./tally.ts";

/** For each of them a group for each assignor, assigned several times. */
const SEEDS = 500;
/** Far from those of the fixtures, and from each other. */
const STRIDE = 10_000;

export async function checkRandomGroups(oracle: OracleServer, seed: number, tally: Tally): Promise<void> {
  const checks = Array.from({ length: SEEDS }, async (_, index) => {
    const own = (seed + 1) * STRIDE + index;
    const { ok, error, groups = [] } = await oracle.ask({ op: "client-assignors", seed: own });
    if (!ok || groups.length === 0) tally.fail(`groups of seed ${own}`, new Error(`Java draws none: ${error}`));
    for (const [round, group] of groups.entries()) {
      if (hasNamesakes(group)) continue;
      const name = `${group.assignor}, groups of seed ${own}, assignment ${round + 1}`;
      tally.check(name, () => {
        if (hasJavaGoneAstray(group)) assert.deepStrictEqual(astrayWithUs(group), []);
        else assert.deepStrictEqual(ourShares(group), javasShares(group));
      });
    }
  });
  await Promise.all(checks);
}
