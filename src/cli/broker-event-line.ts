import type { JournalEntry } from "../broker/index.ts";
import { errorCode } from "../protocol/index.ts";
import { harmless, harmlessJson } from "./harmless-text.ts";

/** Whether the entry is everyday traffic: a request, or an answer that has no error in it and tells nothing of the client. */
export function isQuiet(entry: JournalEntry): boolean {
  if (entry.kind === "request") return true;
  return entry.kind === "response" && entry.text === undefined && errorsIn(entry.body).length === 0;
}

/** An event of the broker as one line. Names and texts in it may come from anybody who can connect. */
export function brokerEventLine(entry: JournalEntry, asJson: boolean): string {
  const errors = entry.kind === "response" ? errorsIn(entry.body) : [];
  if (asJson) {
    const { sequence, atMs, kind, node, connection, api, version, correlationId, clientId, text, sizeInBytes } = entry;
    return harmlessJson({
      sequence,
      atMs,
      kind,
      node,
      connection,
      api,
      version,
      correlationId,
      clientId,
      text,
      sizeInBytes,
      errors,
    });
  }
  const place = [
    entry.node === undefined ? "" : `node ${entry.node}`,
    entry.connection === undefined ? "" : `connection ${entry.connection}`,
  ];
  return harmless([time(entry.atMs), ...place, what(entry, errors)].filter((word) => word !== "").join("  "));
}

function what({ kind, api, version, clientId, text, sizeInBytes }: JournalEntry, errors: readonly string[]): string {
  switch (kind) {
    case "connect":
      return `connected ${text ?? ""}`;
    case "disconnect":
      return `disconnected: ${text ?? ""}`;
    case "request":
      return `${api} v${version} asked by ${JSON.stringify(clientId)}, ${sizeInBytes} bytes`;
    case "response":
      // Who the client is says more than that it was answered.
      if (text !== undefined && errors.length === 0) return text;
      return `${api} v${version} answered, ${sizeInBytes} bytes${errors.length === 0 ? "" : `: ${errors.join(", ")}`}`;
    case "fault":
      return `${api} v${version} fault: ${text}`;
    case "cluster":
      return text ?? "";
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

const MOST_ERRORS_NAMED = 3;

/** Names of the error codes in an answer, wherever they stand in it. */
function errorsIn(value: unknown, found: string[] = []): readonly string[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || found.length >= MOST_ERRORS_NAMED) return found;
  for (const [name, field] of Object.entries(value)) {
    if (name === "errorCode" && typeof field === "number" && field !== 0) {
      const error = errorCode(field).name;
      if (!found.includes(error)) found.push(error);
    } else {
      errorsIn(field, found);
    }
  }
  return found;
}
