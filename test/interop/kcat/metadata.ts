import { createTopic } from "../create-topic.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { Kcat } from "./kcat.ts";

interface KcatMetadata {
  readonly controllerid: number;
  readonly brokers: readonly { readonly id: number; readonly name: string }[];
  readonly topics: readonly {
    readonly topic: string;
    readonly error?: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly leader: number;
      readonly replicas: readonly { readonly id: number }[];
      readonly isrs: readonly { readonly id: number }[];
    }[];
  }[];
}

export const listsMetadata: Scenario = {
  client: "kcat",
  name: "lists brokers and topics with their partitions, leaders and replicas, and one topic alone",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topics = [stage.unique("one"), stage.unique("five")] as const;
    await createTopic(stage, topics[0], 1);
    await createTopic(stage, topics[1], 5);
    const everything = await metadata(kcat, []);
    const five = await metadata(kcat, ["-t", topics[1]]);
    const broker = everything.brokers[0];
    return {
      brokers: everything.brokers.length,
      isController: everything.controllerid === broker?.id,
      hasAddressOfBootstrap: broker?.name === stage.bootstrapServers,
      all: topicsOf(stage, everything, broker?.id).filter(({ topic }) => ["one", "five"].includes(topic)),
      alone: topicsOf(stage, five, broker?.id),
    };
  },
};

export const createsOnDemand: Scenario = {
  client: "kcat",
  name: "has a topic made by producing to it, but not by asking for an unknown one",
  async run(stage) {
    const kcat = new Kcat(stage);
    const [made, unknown] = [stage.unique("made"), stage.unique("unknown")];
    const before = await metadata(kcat, ["-t", unknown]);
    await kcat.produce(made, ["first"]);
    const after = await metadata(kcat, ["-t", made]);
    const illegal = await kcat.run(["-P", "-t", "not a legal name"], { input: "x\n", allowFailure: true });
    return {
      before: topicsOf(stage, before, before.brokers[0]?.id),
      after: topicsOf(stage, after, after.brokers[0]?.id),
      read: (await kcat.consume(made, ["-o", "beginning"])).map(({ offset, payload }) => ({ offset, payload })),
      illegal: { code: illegal.code, why: /Broker: [^:\n]*/.exec(illegal.stderr)?.[0] },
    };
  },
};

async function metadata(kcat: Kcat, parameters: readonly string[]): Promise<KcatMetadata> {
  const { stdout } = await kcat.run(["-L", "-J", "-X", "allow.auto.create.topics=false", ...parameters]);
  return JSON.parse(stdout);
}

/** Topics as everybody sees them; the number of a node is a broker's own matter. */
function topicsOf(stage: Stage, { topics }: KcatMetadata, brokerId: number | undefined) {
  const sorted = topics.toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  return sorted.map(({ topic, error, partitions }) => ({
    topic: stage.hide(topic),
    ...(error === undefined ? {} : { error }),
    partitions: partitions
      .toSorted((a, b) => a.partition - b.partition)
      .map(({ partition, leader, replicas, isrs }) => ({
        partition,
        isLedByTheBroker: leader === brokerId,
        replicas: replicas.length,
        inSyncReplicas: isrs.length,
      })),
  }));
}
