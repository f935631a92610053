import type { Logger, LogLevel } from "../telemetry/logger.ts";
import type { ValueKind } from "./setting.ts";
import { callable, choice } from "./value-kinds.ts";

const METHODS = ["debug", "info", "warn", "error"] as const;

export const loggerKind: ValueKind<Logger> = callable(
  "an object with debug(), info(), warn() and error(), such as console",
  isLogger,
);

export const logLevelKind: ValueKind<LogLevel> = choice<LogLevel>(["debug", "info", "warn", "error"], { warning: "warn" });

function isLogger(value: unknown): value is Logger {
  if (typeof value !== "object" || value === null) return false;
  return METHODS.every((method) => typeof Reflect.get(value, method) === "function");
}
