/** `npx tsx scripts/crc32c-wasm/generate.ts` writes src/protocol/records/crc32c-wasm-module.ts anew. */
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { buildFoldModule, FOLD_STEP_BYTES, FOLD_WINDOW_BYTES } from "./fold-module.ts";

const FILE = fileURLToPath(new URL("../../src/protocol/records/crc32c-wasm-module.ts", import.meta.url));
const BYTES_PER_LINE = 24;

/** The whole text of the file, which a test compares with what stands there. */
export function renderFoldModule(): string {
  const bytes = Array.from(buildFoldModule());
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += BYTES_PER_LINE) {
    lines.push(`  ${bytes.slice(start, start + BYTES_PER_LINE).join(", ")},`);
  }
  return `/**
 * A generated table: \`npx tsx scripts/crc32c-wasm/generate.ts\` writes it. What the module does and why it is right is said in
 * scripts/crc32c-wasm/fold-module.ts; crc32c-folding.ts uses it.
 */

/** So many bytes are left of a message, and carried from one piece of it to the next. */
export const FOLD_WINDOW_BYTES = ${FOLD_WINDOW_BYTES};

/** The module's function works on so many bytes at a time. */
export const FOLD_STEP_BYTES = ${FOLD_STEP_BYTES};

// biome-ignore format: one number per line would make ${bytes.length} of them.
/** A WebAssembly module that exports \`memory\`, of 64 KiB, and \`fold(window, target, targetEnd)\`. */
export const foldModule: readonly number[] = [
${lines.join("\n")}
];
`;
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, renderFoldModule());
