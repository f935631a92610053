import { isLogLevel, type LogFacts, type Logger, type LogLevel, passes } from "./logger.ts";

/** A user's logger, below which nothing is called, and whose failures are its own: the first is reported, then it goes on being called. */
export class GuardedLogger {
  readonly #logger: Logger;
  readonly #threshold: LogLevel;
  readonly #onFailure: (error: unknown) => void;
  #hasFailed = false;

  /** @param onFailure is called once */
  constructor(logger: Logger, level: LogLevel | undefined, onFailure: (error: unknown) => void) {
    this.#logger = logger;
    this.#threshold = level ?? (isLogLevel(logger.level) ? logger.level : "info");
    this.#onFailure = onFailure;
  }

  isEnabled(level: LogLevel): boolean {
    return passes(level, this.#threshold);
  }

  log(level: LogLevel, text: string, facts: LogFacts): void {
    if (!this.isEnabled(level)) return;
    try {
      // A logger that is an async function fails later, and must not end the process either.
      const returned: unknown = this.#logger[level](text, facts);
      if (returned instanceof Promise) returned.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#onFailure(error);
  }
}
