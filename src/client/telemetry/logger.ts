/** From the least important on. */
export const logLevels = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof logLevels)[number];

/** What an event was about. `event`, `client` (producer, consumer, admin) and `clientId` are always there. */
export type LogFacts = Readonly<Record<string, unknown>>;

/**
 * Where a client's log goes; `console` is one. Each event is one call: `text` is a sentence of one line, harmless to print whatever came
 * from the network; `facts` are its details for programs: strings, numbers, and plain objects of them, as they came.
 */
export interface Logger {
  /** What is worth logging; a client's `logLevel` takes precedence. Others than ours are ignored. */
  readonly level?: string;
  debug(text: string, facts: LogFacts): void;
  info(text: string, facts: LogFacts): void;
  warn(text: string, facts: LogFacts): void;
  error(text: string, facts: LogFacts): void;
}

export function isLogLevel(level: unknown): level is LogLevel {
  return logLevels.some((one) => one === level);
}

/** Whether an event of `level` passes where `threshold` is the least important that does. */
export function passes(level: LogLevel, threshold: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(threshold);
}
