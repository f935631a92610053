// kcat at work on a stage.

import type { FinishedProgram, RunningProgram, RunOptions, Stage } from "../scenario.ts";

/** A record as kcat's -J prints it. Headers are names and values in turn. */
export interface KcatRecord {
  readonly partition: number;
  readonly offset: number;
  readonly tstype: string;
  readonly ts: number;
  readonly headers?: readonly (string | null)[];
  readonly key: string | null;
  readonly payload: string | null;
}

/** librdkafka asks again for the metadata of a new topic at this interval. */
const QUICK = ["-X", "topic.metadata.refresh.fast.interval.ms=50"];

export class Kcat {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  run(parameters: readonly string[], options?: RunOptions): Promise<FinishedProgram> {
    return this.#stage.run("kcat", this.#with(parameters), options);
  }

  start(parameters: readonly string[]): RunningProgram {
    return this.#stage.start("kcat", this.#with(parameters));
  }

  /** A line of the input is a record. */
  async produce(topic: string, lines: readonly string[], parameters: readonly string[] = []): Promise<void> {
    await this.run(["-P", "-t", topic, ...parameters], { input: lines.map((line) => `${line}\n`).join("") });
  }

  /** Reads to the end of the topic, or of the partition that the parameters name. */
  async consume(topic: string, parameters: readonly string[] = []): Promise<readonly KcatRecord[]> {
    const { stdout } = await this.run(["-C", "-t", topic, "-e", "-q", "-J", ...parameters]);
    return stdout.split("\n").flatMap((line): KcatRecord[] => (line === "" ? [] : [JSON.parse(line)]));
  }

  #with(parameters: readonly string[]): readonly string[] {
    return ["-b", this.#stage.bootstrapServers, ...QUICK, ...parameters];
  }
}

export function byOffset(records: readonly KcatRecord[]): readonly KcatRecord[] {
  return records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
