/**
 * `npm run check`: everything that needs no broker and no patience. Prints what failed in full, and a line for each step.
 */
import { runStep, type Step, type StepResult } from "./run-steps.ts";

const steps: readonly Step[] = [
  { name: "format, imports and fast lint", command: ["npx", "biome", "check", "--error-on-warnings", "."] },
  { name: "lint with types: no dropped promises, no any", command: ["npx", "oxlint", "--type-aware", "--deny-warnings"] },
  { name: "types", command: ["npx", "tsc", "--noEmit", "-p", "."] },
  {
    name: "architecture and public API",
    command: ["npx", "vitest", "run", "test/architecture.test.ts", "test/public-api.test.ts"],
  },
  { name: "unused files, exports and dependencies", command: ["npx", "knip"] },
  { name: "docs/configuration.md is fresh", command: ["npx", "tsx", "scripts/render-configuration.ts", "--check"] },
  { name: "docs/transactions.md is fresh", command: ["npx", "tsx", "scripts/render-transactions.ts", "--check"] },
  { name: "docs/membership.md is fresh", command: ["npx", "tsx", "scripts/render-membership.ts", "--check"] },
  { name: "docs/wire is fresh", command: ["npx", "tsx", "scripts/render-wire-docs.ts", "--check"] },
  { name: "the package, as others will see it", command: ["npx", "tsx", "scripts/check-package.ts"] },
];

/** Two at a time: most of them use more than one core already. */
const AT_ONCE = 2;

async function runAll(): Promise<readonly StepResult[]> {
  const waiting = [...steps];
  const results: StepResult[] = [];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step);
      if (!result.passed) console.log(`\n${result.output}`);
      console.log(`${result.passed ? "ok    " : "FAILED"} ${result.name} (${result.seconds.toFixed(1)} s)`);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

const results = await runAll();
const failed = results.filter(({ passed }) => !passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
