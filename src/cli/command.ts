/** Exit codes of every command. */
export const OK = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;

/** Where a command writes: standard output, or a test. */
export interface Output {
  write(text: string): void;
  /** Whether colours make sense. */
  readonly isTerminal: boolean;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole of `--help`. */
  readonly help: string;
  run(parameters: readonly string[], output: Output): number | Promise<number>;
}
