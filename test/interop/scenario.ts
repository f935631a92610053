// What a scenario is: other people's program at work on a broker, and what it must have seen there.

export type ClientName = "kcat" | "kafka-python" | "confluent-kafka" | "java" | "franz-go";

export interface Scenario {
  readonly client: ClientName;
  /** A sentence: what other people's program does and must see. */
  readonly name: string;
  /** Default 60,000. */
  readonly timeoutMs?: number;
  /** Throws on a wrong result; returns what was observed, as plain JSON that must be equal on every broker. */
  run(stage: Stage): Promise<unknown>;
}

/** A client that somebody else wrote, and what it is asked to do. */
export interface ClientKit {
  readonly client: ClientName;
  /** Installs what is missing, once. A clause that says why not, if the client cannot be had here. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a kit that has nothing to say returns nothing
  prepare(): Promise<void | Unavailable>;
  readonly scenarios: readonly Scenario[];
}

export interface Unavailable {
  readonly unavailable: string;
  /** It takes a whole language that the project does not install: skipped also where everything else is required. */
  readonly isOptional?: boolean;
}

/** What a scenario works with. Everything it started is gone when it ends, however it ends. */
export interface Stage {
  readonly bootstrapServers: string;
  /** Scratch, removed afterwards. */
  readonly folder: string;
  /** Aborted at the scenario's deadline. */
  readonly signal: AbortSignal;
  /**
   * A name that no other run has used on this broker: the word and a suffix, which is the same for all names of the scenario. Each
   * word may be asked for once. Observations must not contain it, see `hide`.
   */
  unique(word: string): string;
  /** Replaces the unique names in a text by their words, so that observations are equal between runs. */
  hide(text: string): string;
  /** Runs a program to its end. Rejects if that is not exit code 0, unless failure is allowed. */
  run(program: string, parameters: readonly string[], options?: RunOptions): Promise<FinishedProgram>;
  /** Starts a program that is to run beside the scenario. */
  start(program: string, parameters: readonly string[], options?: ProgramOptions): RunningProgram;
}

export interface ProgramOptions {
  /** Over this process' environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunOptions extends ProgramOptions {
  /** The whole standard input; without it there is none. */
  readonly input?: string | Uint8Array;
  readonly allowFailure?: boolean;
}

export interface FinishedProgram {
  /** The exit code; 128 and the signal's number for a program that a signal ended, as in a shell. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly pid: number;
  /** The lines of the standard output that nobody has taken yet, as they come; ends with the program. */
  readonly lines: AsyncIterable<string>;
  /**
   * Takes lines of the standard output until one matches, which is returned. Rejects if the program ends first, and at the
   * scenario's deadline.
   */
  waitForLine(pattern: RegExp): Promise<RegExpMatchArray>;
  /** As waitForLine, on the standard error, which has a reader's place of its own. */
  waitForErrorLine(pattern: RegExp): Promise<RegExpMatchArray>;
  /** To the program's standard input. */
  write(text: string | Uint8Array): void;
  endInput(): void;
  /** Resolves when the program has ended by itself or was stopped, whatever its exit code. */
  readonly ended: Promise<FinishedProgram>;
  /** Asks it to end (SIGTERM unless told otherwise), and ends it after five seconds. */
  stop(signal?: NodeJS.Signals): Promise<FinishedProgram>;
}
