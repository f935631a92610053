/** Exit codes of every command. */
export const OK = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;

/** Where a command writes: standard output, or a test. */
export interface Output {
  write(text: string): void;
  /** Bytes as they are; a promise when the reader is slower, until it has caught up. Where it is missing, `write` gets them as text. */
  pour?(bytes: Uint8Array): Promise<void> | undefined;
  /** What is to be called when nobody reads any more what is written: otherwise the process ends there and then. */
  whenGone?(end: () => void): void;
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
