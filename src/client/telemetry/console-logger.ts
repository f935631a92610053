import { harmlessText } from "../errors/harmless-text.ts";
import { systemRuntime } from "../runtime.ts";
import { type LogFacts, type Logger, type LogLevel, passes } from "./logger.ts";

export interface ConsoleLoggerOptions {
  /** `info` by default. */
  readonly level?: LogLevel;
  /** `text` (default): a line to read. `json`: a line to parse, with all facts. */
  readonly format?: "text" | "json";
  /** Takes lines without their end; the standard error output by default. */
  readonly write?: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A logger that writes one line per event. */
export function consoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  const { level: threshold = "info", format = "text", write = toStandardError, now = () => systemRuntime.clock.now() } = options;
  const line = format === "json" ? jsonLine : textLine;
  const at =
    (level: LogLevel) =>
    (text: string, facts: LogFacts): void => {
      if (passes(level, threshold)) write(line(now(), level, text, facts));
    };
  return { level: threshold, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** `2026-11-21T14:51:05.123Z WARN  [admin reports] broker b1:9092: …` */
function textLine(nowMs: number, level: LogLevel, text: string, facts: LogFacts): string {
  const { client, clientId } = facts;
  const who = [client, clientId].filter((part) => typeof part === "string").join(" ");
  return `${isoTime(nowMs)} ${level.toUpperCase().padEnd(5)} ${who === "" ? "" : `[${harmlessText(who, 100)}] `}${harmlessText(text, 4000)}`;
}

function jsonLine(nowMs: number, level: LogLevel, text: string, facts: LogFacts): string {
  // The fixed names come last, so that no fact can pass for one.
  return escapeJson(JSON.stringify({ ...facts, time: isoTime(nowMs), level, text }, jsonValue));
}

/** JSON has escaped control characters below U+0020; terminals act on some above as well. */
function escapeJson(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`).join(
      "",
    ),
  );
}

function jsonValue(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return value;
}

function isoTime(nowMs: number): string {
  return new Date(nowMs).toISOString();
}
