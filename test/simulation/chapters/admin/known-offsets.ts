import { advertisedVersions, apis } from "../../../../src/protocol/index.ts";
import { BrokerClient } from "../../../support/broker-client.ts";
import { batchOf } from "../../../support/produce.ts";
import type { World } from "../../world/world.ts";

/** What sets one topic's offsets apart from the next one's. */
const TOPIC_STEP = 10;

/**
 * Where partitions end. Those that are there from the beginning hold different numbers of records, so that an offset tells whose it
 * is; all others are empty.
 */
export class KnownOffsets {
  readonly #ends = new Map<string, number>();

  end(topicId: string, partition: number): number {
    return this.#ends.get(`${topicId}/${partition}`) ?? 0;
  }

  async fill({ broker, scenario, clock }: World): Promise<void> {
    const version = advertisedVersions(scenario.release).get(apis.Produce.key)?.[1] ?? 0;
    for (const [index, { name, id, partitions }] of broker.topics.entries()) {
      for (const [partition, { leaderId }] of partitions.entries()) {
        const count = 1 + index * TOPIC_STEP + partition;
        const client = await BrokerClient.connect(broker, { node: leaderId, clientId: "filler" });
        const records = batchOf(...Array.from({ length: count }, (_, at) => `record ${at}`));
        const producing = client.ask(
          "Produce",
          { acks: -1, timeoutMs: 1000, topicData: [{ name, topicId: id, partitionData: [{ index: partition, records }] }] },
          Math.min(version, apis.Produce.clientVersions[1]),
        );
        await clock.advance(0);
        await producing;
        client.close();
        await clock.advance(0);
        this.#ends.set(`${id}/${partition}`, count);
      }
    }
  }
}
