/** What all runs of a suite share: one broker, its topics, one build of kafkawire. */
import { prepareBroker } from "../broker/brokers.ts";
import { BuildCopy } from "../own-build.ts";
import { type BenchClient, OWN } from "./clients.ts";
import { RunTopics } from "./topics.ts";

export interface Stage {
  readonly bootstrapServers: string;
  readonly topics: RunTopics;
  /** For all clients' processes. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @param properties of the broker, besides its own */
export async function withStage<T>(
  clients: readonly BenchClient[],
  work: (stage: Stage) => Promise<T>,
  properties: Readonly<Record<string, string>> = {},
): Promise<T> {
  const kafka = await prepareBroker("kafka", { currentNode: false, buildUrl: () => "", properties });
  if (typeof kafka === "string") throw new Error(`the suite needs a real Apache Kafka: ${kafka}`);
  const build = clients.some(({ name }) => name === OWN) ? new BuildCopy() : undefined;
  try {
    const broker = await kafka.start();
    const topics = new RunTopics(broker.bootstrapServers);
    try {
      const environment: Record<string, string> = build === undefined ? {} : { KAFKAWIRE_BUILD: build.url };
      return await work({ bootstrapServers: broker.bootstrapServers, topics, environment });
    } finally {
      await topics.close();
      await broker.stop();
    }
  } finally {
    build?.remove();
  }
}
