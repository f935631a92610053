/** Builds and packs the package, and lets publint and attw look at it as npm and TypeScript will. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStep } from "./run-steps.ts";

const folder = mkdtempSync(join(tmpdir(), "kafkawire-package-"));

async function must(name: string, ...command: [string, ...string[]]): Promise<string> {
  const { passed, output } = await runStep({ name, command });
  if (!passed) throw new Error(`${name}:\n${output}`);
  return output;
}

try {
  await must("build", "npm", "run", "-s", "build");
  const packed = await must("pack", "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder);
  const file = /"filename":\s*"([^"]+)"/.exec(packed)?.[1];
  if (file === undefined) throw new Error(`npm pack did not say what it wrote:\n${packed}`);
  const tarball = join(folder, file);
  await must("publint", "npx", "publint", "run", tarball, "--strict");
  await must("attw", "npx", "attw", tarball, "--profile", "esm-only");
  console.log("the package is well formed");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
