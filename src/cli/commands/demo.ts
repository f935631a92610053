import { EmbeddedBroker } from "../../broker/index.ts";
import { type Command, OK } from "../command.ts";
import { PARTITIONS, Story, TOPIC } from "../demo/story.ts";

export const demo: Command = {
  name: "demo",
  summary: "tells the whole story on a cluster in memory: produce, a group that rebalances, offsets, and the bytes explained",
  help: `Usage: kafkawire demo

Starts a Kafka cluster of three nodes in this process. A producer sends orders, an answer is lost, two consumers share the partitions of a
group, a node stops, a consumer leaves; and each byte of one request is explained. It takes a few seconds, and needs nothing.`,
  async run(_parameters, output) {
    await using broker = await EmbeddedBroker.start({ nodes: 3, topics: { [TOPIC]: PARTITIONS } });
    await new Story(broker, output).tell();
    return OK;
  },
};
