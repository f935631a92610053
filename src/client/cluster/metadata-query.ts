import { type Draft, Metadata, type MetadataRequest, type MetadataResponse } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import { BrokerError, ConnectionError } from "../errors.ts";
import { brokersIn } from "./metadata-cache.ts";

export interface MetadataAnswer {
  readonly version: number;
  readonly body: MetadataResponse;
}

/**
 * Asks one broker for topics, and for the brokers. Rejects with what says that the answer is none: an error for the whole of it, or no
 * broker in it (M12).
 */
export async function queryMetadata(
  connection: Pick<BrokerConnection, "ask" | "facts">,
  topics: readonly string[],
  allowAutoTopicCreation: boolean,
  deadline: Deadline,
): Promise<MetadataAnswer> {
  const answer = await connection.ask(Metadata, (version) => requestFor(topics, allowAutoTopicCreation, version), deadline);
  const { broker } = connection.facts;
  if (answer.body.errorCode !== 0) throw new BrokerError(answer.body.errorCode, { api: Metadata.name, broker });
  if (brokersIn(answer.body).length === 0) {
    throw new ConnectionError("it answered without naming any broker: it is still starting", { broker, phase: "established" });
  }
  return answer;
}

/** From here on a client may forbid that asking creates a topic. */
const FIRST_VERSION_WITHOUT_CREATION = 4;

/**
 * Before, whoever must not create a topic has to ask for all of them. In v0 an empty list means all topics, too; those that nobody wants
 * are dropped from the answer.
 */
function requestFor(topics: readonly string[], allowAutoTopicCreation: boolean, version: number): Draft<MetadataRequest> {
  const named = topics.map((name) => ({ name }));
  if (version >= FIRST_VERSION_WITHOUT_CREATION) return { topics: named, allowAutoTopicCreation };
  const isHarmless = allowAutoTopicCreation || topics.length === 0;
  return { topics: isHarmless ? named : version === 0 ? [] : null, allowAutoTopicCreation: true };
}
