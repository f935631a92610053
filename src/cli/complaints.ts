/** What a command with a client says on standard error, and how it ends when something went wrong. */
import { ConfigError, IllegalStateError, KafkaError, type Logger, type LogLevel } from "../index.ts";
import { FAILED, WRONG_USAGE } from "./command.ts";
import { harmless } from "./harmless-text.ts";
import { UnreadableInputError } from "./record-input/input-item.ts";
import { UsageError } from "./usage-error.ts";

export function complain(command: string, text: string): void {
  const lines = text.split("\n").map(harmless);
  process.stderr.write(`kafkawire ${command}: ${lines.join("\n")}\n`);
}

export interface Failure {
  readonly command: string;
  readonly help: string;
  readonly error: unknown;
}

/** Says what was wrong. @returns the exit code. What is nobody's error but ours is thrown again. */
export function failureOf({ command, help, error }: Failure): number {
  // What is wrong must not scroll away: of the help only its first line.
  const [usage = ""] = help.split("\n");
  if (isWrongUsage(error)) {
    complain(command, `${error.message}\n${usage}\nkafkawire ${command} --help tells more`);
    return WRONG_USAGE;
  }
  if (error instanceof ConfigError) {
    complain(command, `${error.message}\nkafkawire ${command} --help tells more`);
    return WRONG_USAGE;
  }
  if (!(error instanceof KafkaError || error instanceof UnreadableInputError)) throw error;
  complain(command, error.message);
  return error instanceof IllegalStateError ? WRONG_USAGE : FAILED;
}

function isWrongUsage(error: unknown): error is Error {
  // `parseArgs` refuses with codes of its own.
  const isParseError = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  return isParseError || error instanceof UsageError;
}

/** Whoever waits is told what for: a client goes on trying for half a minute. What ends a command, its own complaint says. */
export function reporting(
  tell: (text: string) => void,
  isVerbose: boolean,
): { readonly logger: Logger; readonly logLevel: LogLevel } {
  const tellIfVerbose = isVerbose ? tell : (): void => undefined;
  // Details that have lines of their own stand in the complaint in the end; in the log there is one line for each event.
  const warn = isVerbose ? tell : (text: string): void => tell(text.split("\\n", 1).join(""));
  const logger = { debug: tellIfVerbose, info: tellIfVerbose, warn, error: tellIfVerbose };
  return { logger, logLevel: isVerbose ? "debug" : "warn" };
}
