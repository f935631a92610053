import { type ErrorCode, errorCodes } from "../../src/protocol/index.ts";
import { code, joinSections, link, table } from "./markdown.ts";
import { prose } from "./prose.ts";

/** The table of all error codes. */
export function errorsPage(): string {
  const rows = errorCodes.map((row) => [String(row.code), code(row.name), advice(row), prose(row.meaning)]);
  return joinSections([
    "# Error codes",
    `The ${errorCodes.length} numbers that may stand in a response's \`errorCode\` fields, an int16 each. A response can ` +
      "hold several: one for the whole, and one for each topic, partition or group in it. 0 means success.",
    "**Retry** tells whether the same request may succeed later: `yes` after a pause, `new metadata` after a pause and with " +
      "fresh metadata, because the client's view of the cluster is probably out of date; `no` when sending it again cannot " +
      "help. Single APIs know better for single codes: their pages say so. A code that is not in this table is to be treated as " +
      "-1.",
    table(["Code", "Name", "Retry", "Meaning"], rows),
    `${link("All APIs", "README.md")} · Source: ${link(code("error-codes.ts"), "../../src/protocol/error-codes.ts")}`,
  ]);
}

function advice({ retriable, refreshMetadata }: ErrorCode): string {
  if (refreshMetadata) return "new metadata";
  return retriable ? "yes" : "no";
}
