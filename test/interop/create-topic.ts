// Topics for clients that cannot create any: asked for over a bare socket.

import { setTimeout as pause } from "node:timers/promises";
import type { Resolved } from "../../src/protocol/frame/frame.ts";
import {
  type ApiName,
  type Draft,
  decodeResponse,
  encodeRequest,
  type RequestOf,
  type ResponseOf,
} from "../../src/protocol/index.ts";
import { RawConnection } from "../support/raw-connection.ts";
import type { Stage } from "./scenario.ts";

const FRAME_PREFIX = 4;
const RETRY_MS = 10;

/** Creates a topic, and waits until the broker leads all its partitions, which is a moment after it says that they are there. */
export async function createTopic(
  stage: Stage,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const connection = await connect(stage);
  try {
    const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const topic = { name, numPartitions, replicationFactor: 1, configs: settings };
    const { topics } = await ask(connection, "CreateTopics", 7, { topics: [topic], timeoutMs: 10_000 });
    if (topics[0]?.errorCode !== 0) throw new Error(`${name} cannot be created: error ${topics[0]?.errorCode}`);
    const partitions = Array.from({ length: numPartitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1 }));
    for (;;) {
      const answer = await ask(connection, "ListOffsets", 7, { replicaId: -1, topics: [{ name, partitions }] });
      if (answer.topics[0]?.partitions.every(({ errorCode }) => errorCode === 0)) return;
      await pause(RETRY_MS, undefined, { signal: stage.signal });
    }
  } finally {
    await connection.close();
  }
}

async function connect(stage: Stage): Promise<RawConnection> {
  const [host = "", port = ""] = (stage.bootstrapServers.split(",")[0] ?? "").split(":");
  return await RawConnection.open(host, Number(port));
}

async function ask<N extends ApiName>(
  connection: RawConnection,
  api: N,
  version: number,
  body: Draft<RequestOf<Resolved<N>>>,
): Promise<ResponseOf<Resolved<N>>> {
  const request = encodeRequest({ api, version, correlationId: 1, clientId: "interop" }, body);
  const answer = await connection.request(request.subarray(FRAME_PREFIX));
  const frame = new Uint8Array(FRAME_PREFIX + answer.length);
  new DataView(frame.buffer).setInt32(0, answer.length);
  frame.set(answer, FRAME_PREFIX);
  return decodeResponse({ api, version }, frame).body;
}
