import { crc32c } from "../../protocol/index.ts";
import type { JournalEntry } from "./journal-entry.ts";

/** Longer bytes are shown by their size and checksum. */
const MAX_BYTES_SHOWN = 64;

/** An entry as one line, the same for the same content on every machine. */
export function canonicalText(entry: JournalEntry): string {
  const { sequence, atMs, kind, node, connection, api, version, correlationId, clientId, body, text } = entry;
  const words = [
    `${sequence}`,
    `${atMs}`,
    kind,
    node === undefined ? "" : `node=${node}`,
    connection === undefined ? "" : `connection=${connection}`,
    api === undefined ? "" : `${api} v${version ?? 0} #${correlationId ?? 0}`,
    clientId === undefined ? "" : `client=${JSON.stringify(clientId)}`,
    text === undefined ? "" : JSON.stringify(text),
    body === undefined ? "" : canonicalValue(body),
  ];
  return words.filter((word) => word !== "").join(" ");
}

/** JSON with sorted keys; bigints as numbers with an n, bytes in hex. */
export function canonicalValue(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array) return canonicalBytes(value);
  if (Array.isArray(value)) return `[${value.map(canonicalValue).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalValue(field)}`).join(",")}}`;
}

function canonicalBytes(bytes: Uint8Array): string {
  if (bytes.length <= MAX_BYTES_SHOWN) return `<${Buffer.from(bytes).toString("hex")}>`;
  return `<${bytes.length} bytes, crc32c ${crc32c(bytes).toString(16)}>`;
}
