// What a command of `kafkawire` is tested on: an embedded broker for as long as the test file runs, topics on it, and files to read from.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { EmbeddedBroker, type EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import type { Command } from "../../src/cli/command.ts";
import { Producer, type ProducerOptions, type ProducerRecord } from "../../src/index.ts";
import { type CommandOutcome, outcomeOf } from "./command-run.ts";
import { type ScratchFolder, scratchFolder } from "./scratch-folder.ts";
import { StartedCommand } from "./started-command.ts";

const USUAL: EmbeddedBrokerOptions = { nodes: 2, autoCreateTopics: false };

/** To be called at the top of a test file. Faults that a test has scripted are gone after it. */
export function commandStage(command: Command, options: EmbeddedBrokerOptions = USUAL): CommandStage {
  const stage = new CommandStage(command);
  beforeAll(() => stage.open(options));
  afterAll(() => stage.close());
  afterEach(() => stage.broker.faults.clear());
  return stage;
}

export class CommandStage {
  readonly #command: Command;
  #broker: EmbeddedBroker | undefined;
  #folder: ScratchFolder | undefined;
  #count = 0;

  constructor(command: Command) {
    this.#command = command;
  }

  async open(options: EmbeddedBrokerOptions): Promise<void> {
    this.#folder = scratchFolder();
    this.#broker = await EmbeddedBroker.start(options);
  }

  async close(): Promise<void> {
    await this.#broker?.close();
    this.#folder?.remove();
  }

  get broker(): EmbeddedBroker {
    if (this.#broker === undefined) throw new Error("the broker runs while tests do");
    return this.#broker;
  }

  /** The command in this process. */
  readonly run = (...parameters: readonly string[]): Promise<CommandOutcome> =>
    outcomeOf(this.#command, [...parameters, "-b", this.broker.bootstrapServers]);

  /** The command as a process of its own, which can be fed through its standard input. */
  readonly start = (...parameters: readonly string[]): StartedCommand =>
    new StartedCommand(this.#command.name, ...parameters, "-b", this.broker.bootstrapServers);

  readonly newTopic = (partitions = 1): string => {
    const name = `topic-${++this.#count}`;
    this.broker.createTopic(name, partitions);
    return name;
  };

  readonly topicWith = async (
    records: readonly ProducerRecord[],
    { partitions = 1, ...options }: { readonly partitions?: number } & ProducerOptions = {},
  ): Promise<string> => {
    const name = this.newTopic(partitions);
    await this.send(name, records, options);
    return name;
  };

  /** To the topic's first partition, unless a record says another. */
  readonly send = async (topic: string, records: readonly ProducerRecord[], options: ProducerOptions = {}): Promise<void> => {
    await using producer = new Producer({ bootstrapServers: this.broker.bootstrapServers, ...options });
    for (const record of records) await producer.send(topic, { partition: 0, ...record });
  };

  /** Where a file may be written. */
  readonly pathOf = (name: string): string => {
    if (this.#folder === undefined) throw new Error("the folder is there while tests run");
    return join(this.#folder.path, name);
  };

  /** The path of a new file. */
  readonly fileOf = (content: string | Uint8Array): string => {
    const path = this.pathOf(`input-${++this.#count}`);
    writeFileSync(path, content);
    return path;
  };
}

/** `v0`, `v1` and so on. */
export const numbered = (count: number, start = 0): readonly ProducerRecord[] =>
  Array.from({ length: count }, (_, index) => ({ value: `v${start + index}` }));
