// What threads tell of their work, to whoever waits for it.

import { randomUUID } from "node:crypto";
import { BroadcastChannel } from "node:worker_threads";

export interface ThreadNote {
  readonly thread?: number;
  readonly threadId?: number;
  readonly place?: string;
  readonly value?: string;
  readonly count?: number;
  readonly memberId?: string;
  /** Its `onClosed` was called. */
  readonly closed?: number;
}

/** A module of this folder; each thread loads it for itself. */
export function threadModule(name: "noting" | "batches" | "nothing"): URL {
  return new URL(`./thread-modules/${name}.mjs`, import.meta.url);
}

/** The sources are TypeScript, which Node does not load by itself. */
export const FROM_SOURCES: { readonly execArgv: string[] } = {
  execArgv: ["--import", new URL("./typescript-in-threads.mjs", import.meta.url).href],
};

export class ThreadNotes {
  readonly name: string = randomUUID();
  readonly all: ThreadNote[] = [];
  readonly #channel: BroadcastChannel;
  #waiting: (() => void)[] = [];

  constructor() {
    this.#channel = new BroadcastChannel(this.name);
    this.#channel.onmessage = (message: unknown): void => {
      if (typeof message !== "object" || message === null || !("data" in message)) return;
      this.all.push(message.data as ThreadNote);
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  /** Of records, in order. */
  get places(): readonly string[] {
    return this.all.flatMap(({ place }) => place ?? []).sort();
  }

  /** Threads whose `onClosed` was called. */
  get closed(): readonly number[] {
    return this.all.flatMap(({ closed }) => closed ?? []).sort((one, other) => one - other);
  }

  untilClosed(threads: number): Promise<void> {
    return this.until(() => this.closed.length >= threads);
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.#channel.close();
  }
}
