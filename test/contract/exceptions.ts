// Contracts of `suite/` that a broker does not keep, or keeps although its release cannot, each with the reason. An exception that is not
// needed fails the run.

import { isAtLeast } from "../support/kafka/old-kafka-mode.ts";
import type { BrokerKind } from "./suite/broker-under-test.ts";
import { shareConsumer } from "./suite/chapters/share-consumer.ts";
import { titleOf } from "./suite/contract.ts";

export interface Exception {
  readonly broker: BrokerKind;
  /** The first and the last release that it is for; all, unless said otherwise. */
  readonly since?: string;
  readonly through?: string;
  /** `Topics: a topic created is listed`. */
  readonly contract: string;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  ...shareConsumer.contracts.map(
    (contract): Exception => ({
      broker: "embedded",
      since: "4.2",
      contract: titleOf(contract),
      reason: "the embedded broker has no share groups",
    }),
  ),
  {
    broker: "embedded",
    contract: "Consumer's records: of a compacted topic what is left is read, with its offsets",
    reason: "the embedded broker keeps all records of compacted topics",
  },
  ...["0.9.0", "0.10.2"].map(
    (format): Exception => ({
      broker: "embedded",
      through: "2.8",
      contract: `Consumer's records: records that a broker before 3.0 keeps in the format of ${format} are read, and those in the middle of a batch`,
      reason: "the embedded broker has no message.format.version: it keeps records as they are sent to it",
    }),
  ),
  {
    broker: "embedded",
    contract: "Configs: a broker's secrets are not told",
    reason: "the embedded broker tells the settings that it acts upon, and none of them is a secret",
  },
  {
    broker: "embedded",
    through: "3.2",
    contract: "Topics: an assignment to a broker that there is not is refused",
    reason: "the embedded broker checks assignments as KRaft does, for whichever release it passes",
  },
  {
    broker: "embedded",
    through: "2.0",
    contract: "Topics: a configuration's value that is none is refused",
    reason: "the embedded broker names the error as newer ones do, for whichever release it passes",
  },
  {
    broker: "embedded",
    through: "1.1",
    contract: "Configs: a topic that is not there has no settings",
    reason: "the embedded broker names the error as newer ones do, for whichever release it passes",
  },
  {
    broker: "embedded",
    through: "3.5",
    contract: "Producer's records: a time that the topic does not take is refused, and nothing is written",
    reason: "the embedded broker has the limits of newer ones (KIP-937), for whichever release it passes",
  },
];

/** The exception for a contract on a broker, if there is one. */
export function exceptionFor(kind: BrokerKind, release: string, contract: string): Exception | undefined {
  return exceptions.find(
    ({ broker, since = "0.0", through = "99.0", contract: excepted }) =>
      broker === kind && excepted === contract && isAtLeast(release, since) && isAtLeast(through, release),
  );
}
