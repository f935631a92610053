import { errorCode } from "../error-codes.ts";

/** What a reader may want to know of a value, from the name and type of its field alone. */
export function noteFor(name: string, type: string, value: unknown): string | undefined {
  if (type === "int16" && /errorCode$/i.test(name) && typeof value === "number") return noteForError(value);
  if (type === "timestamp" && typeof value === "number") return noteForTimestamp(value);
  if (type === "uuid" && value === "AAAAAAAAAAAAAAAAAAAAAA") return "all zero: no id";
  return undefined;
}

function noteForError(code: number): string {
  const { name, meaning } = errorCode(code);
  return code === 0 ? "no error" : `${name}: ${meaning}`;
}

/** The widest range that a Date can hold, in milliseconds. */
const DATE_LIMIT = 8.64e15;

function noteForTimestamp(timestamp: number): string | undefined {
  if (timestamp < 0) return timestamp === -1 ? "no timestamp" : "a sentinel";
  return timestamp <= DATE_LIMIT ? new Date(timestamp).toISOString() : undefined;
}

/** How a length of flexible versions is written, for people who meet it for the first time. */
export function noteForCompactLength(length: number): string {
  return length < 0 ? "0 stands for null" : `${length}, written as one more, because 0 stands for null`;
}
