// A real broker of any release, alone on this machine, for as long as a question takes.

import { startOldKafka } from "../../test/support/kafka/old-kafka.ts";
import { RawConnection } from "../../test/support/raw-connection.ts";
import type { KafkaDistribution } from "./kafka-releases.ts";

/** Starts a freshly formatted broker, asks it, and ends it. */
export function withBroker<Answer>(
  distribution: KafkaDistribution,
  ask: (connection: RawConnection) => Promise<Answer>,
): Promise<Answer> {
  return withBrokerAt(distribution, {}, async ({ host, port }) => {
    const connection = await RawConnection.open(host, port);
    const answer = await ask(connection);
    await connection.close();
    return answer;
  });
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** The same for whoever brings a client of its own. The properties go over ours. */
export async function withBrokerAt<Answer>(
  distribution: KafkaDistribution,
  properties: Readonly<Record<string, string>>,
  use: (address: BrokerAddress) => Promise<Answer>,
): Promise<Answer> {
  const broker = await startOldKafka(distribution.version, { properties });
  try {
    return await use(broker);
  } finally {
    await broker.stop();
  }
}
