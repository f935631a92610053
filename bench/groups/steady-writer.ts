/** Writes a record to every partition of a topic, again and again, as evenly as a timer goes. */
import { Producer } from "../../src/client/producer/producer.ts";

/** So long a partition has nothing new: no gap is measured more exactly. */
export const EVERY_MS = 20;

export class SteadyWriter {
  readonly #producer: Producer;
  readonly #timer: NodeJS.Timeout;
  #problem: Error | undefined;

  constructor(bootstrapServers: string, topic: string, partitions: number) {
    this.#producer = new Producer({ bootstrapServers, clientId: "bench" });
    const value = Buffer.alloc(100, "x");
    this.#timer = setInterval(() => {
      for (let partition = 0; partition < partitions; partition++) {
        this.#producer.send(topic, { value, partition }).catch((error: unknown) => {
          this.#problem ??= error instanceof Error ? error : new Error(String(error));
        });
      }
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#producer.close();
    if (this.#problem !== undefined) throw this.#problem;
  }
}
