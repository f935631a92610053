/** Arguments of calls. */
import { IllegalStateError } from "./errors.ts";

export function checkTimeout(what: string, timeoutMs: unknown): void {
  if (typeof timeoutMs === "number" && timeoutMs >= 0) return;
  throw new IllegalStateError(`${what}: timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`);
}

/** What is no object would be ignored: `poll(500)`, say. */
export function checkOptions(what: string, options: unknown): void {
  if (typeof options === "object" && options !== null) return;
  throw new IllegalStateError(`${what}: options are an object, as { timeoutMs: 500 }, not ${String(options)}`);
}

export function checkRecord(what: string, record: unknown): void {
  if (typeof record === "object" && record !== null) return;
  throw new IllegalStateError(`${what}: which record? It is one of the last poll, not ${String(record)}`);
}

export function checkSignal(what: string, signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new IllegalStateError(`${what}: signal must be an AbortSignal`);
}

export function checkFlag(what: string, name: string, flag: unknown): void {
  if (typeof flag === "boolean") return;
  throw new IllegalStateError(`${what}: ${name} must be true or false, not ${String(flag)}`);
}

export function checkOffset(what: string, offset: unknown): void {
  if (typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0) return;
  throw new IllegalStateError(`${what}: an offset is a whole number from 0, not ${String(offset)}`);
}
