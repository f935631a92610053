// The contract suite on Apache Kafka. Older lines: `npm run matrix`.

import { describe } from "vitest";
import { isRealKafkaAvailable, KAFKA_VERSION } from "../support/kafka/kafka-node.ts";
import { currentKafka } from "./suite/broker-under-test.ts";
import { contractTests } from "./suite/contract-tests.ts";

describe.skipIf(!isRealKafkaAvailable())("with a real broker", () => {
  contractTests(`Apache Kafka ${KAFKA_VERSION}`, async () => {
    const broker = await currentKafka();
    if (broker === undefined) throw new Error("Apache Kafka was there a moment ago");
    return broker;
  });
});
