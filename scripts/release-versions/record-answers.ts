// What a real broker of each release answers to ApiVersions: the word that settles what the table says.

import { apis, decodeResponse, encodeRequest } from "../../src/protocol/index.ts";
import { isKRaft } from "../../test/support/kafka/old-kafka-mode.ts";
import type { RawConnection } from "../../test/support/raw-connection.ts";
import type { KafkaDistribution } from "./kafka-releases.ts";
import { withBroker } from "./release-broker.ts";

const FRAME_LENGTH_BYTES = 4;
const OURS = apis.ApiVersions.versions[1];

/** One row of fixtures/broker-api-versions.json. */
export interface RecordedAnswer {
  readonly release: string;
  /** The version on Maven Central that answered. */
  readonly kafka: string;
  readonly mode: "zookeeper" | "kraft";
  /** The answer to version 0: a frame, its length included. */
  readonly v0: string;
  /** The newest version of ApiVersions that both it and we speak; from 3 on its answer names the features. */
  readonly version: number;
  readonly answer: string;
}

export function recordAnswer(distribution: KafkaDistribution): Promise<RecordedAnswer> {
  return withBroker(distribution, async (connection) => {
    const v0 = await ask(connection, 0);
    const { body } = decodeResponse({ api: "ApiVersions", version: 0 }, v0);
    const theirs = body.apiKeys.find(({ apiKey }) => apiKey === apis.ApiVersions.key);
    const version = Math.min(theirs?.maxVersion ?? 0, OURS);
    const answer = await ask(connection, version);
    const mode = isKRaft(distribution.version) ? "kraft" : "zookeeper";
    return { release: distribution.release, kafka: distribution.version, mode, v0: hex(v0), version, answer: hex(answer) };
  });
}

async function ask(connection: RawConnection, version: number): Promise<Uint8Array> {
  const body = version >= 3 ? { clientSoftwareName: "kafkawire", clientSoftwareVersion: "1" } : {};
  const frame = encodeRequest({ api: "ApiVersions", version, correlationId: 1, clientId: "recorder" }, body);
  const answer = await connection.request(frame.subarray(FRAME_LENGTH_BYTES));
  const length = Buffer.alloc(FRAME_LENGTH_BYTES);
  length.writeInt32BE(answer.length);
  return Buffer.concat([length, answer]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
