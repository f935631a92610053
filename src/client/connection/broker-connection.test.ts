import { expect, it } from "vitest";
import { answerFrame, connectionSettings, ScriptedSocket } from "../../../test/support/scripted-socket.ts";
import { HeldClock } from "../../broker/held-clock.ts";
import { ApiVersions, decodeResponse, encodeRequest, Metadata, Produce, UnsupportedVersionError } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { silentTelemetry } from "../telemetry/silent.ts";
import { BrokerConnection } from "./broker-connection.ts";
import { BrokerVersions } from "./broker-versions.ts";
import { RequestPipeline } from "./request-pipeline.ts";

function stage(): { connection: BrokerConnection; socket: ScriptedSocket; deadline: Deadline } {
  const clock = new HeldClock();
  const facts = { connection: 1, broker: "broker:9092", nodeId: 1, lane: "main" };
  const pipeline = new RequestPipeline({ facts, settings: connectionSettings, clock, telemetry: silentTelemetry });
  const socket = new ScriptedSocket(pipeline.socketReader);
  pipeline.attach(socket);
  const connection = new BrokerConnection(
    pipeline,
    { host: "broker", port: 9092, nodeId: 1 },
    BrokerVersions.ofRelease("2.8"),
    "me",
  );
  return { connection, socket, deadline: new Deadline(clock, 60_000) };
}

it("asks in the newest version that both speak, within the caller's limits, with the client's id", async () => {
  const { connection, socket, deadline } = stage();
  const asked: number[] = [];
  const body = (version: number): object => {
    asked.push(version);
    return { topics: [] };
  };
  const answers = [connection.ask(Metadata, body, deadline), connection.ask(Metadata, body, deadline, { atMost: 5 })];
  expect(asked).toEqual([11, 5]);
  expect(socket.requests.map(({ version, clientId }) => [version, clientId])).toEqual([
    [11, "me"],
    [5, "me"],
  ]);
  socket.give(answerFrame(Metadata, 11, 0, { clusterId: "one" }));
  socket.give(answerFrame(Metadata, 5, 1, { clusterId: "two" }));
  expect(await Promise.all(answers)).toMatchObject([
    { version: 11, body: { clusterId: "one" } },
    { version: 5, body: { clusterId: "two" } },
  ]);
});

it("sends nothing that cannot be said in a version that both speak", async () => {
  const { connection, socket, deadline } = stage();
  await expect(connection.ask(Metadata, {}, deadline, { atLeast: 12 })).rejects.toBeInstanceOf(UnsupportedVersionError);
  // Topic ids came with version 12.
  const topics = [{ topicId: "AAAAAAAAAAAAAAAAAAAAAQ", name: null }];
  await expect(connection.ask(Metadata, { topics }, deadline, { atMost: 8 })).rejects.toThrow("topics[0]");
  expect(socket.frames).toEqual([]);
  expect(connection.isOpen).toBe(true);
});

it("tells without waiting for an answer", async () => {
  const { connection, socket, deadline } = stage();
  await connection.tell(Produce, { acks: 0, timeoutMs: 1 }, deadline);
  expect(socket.requests).toMatchObject([{ api: "Produce", body: { acks: 0 } }]);
  expect(connection.inFlight).toBe(0);
});

it("carries frames in pieces out, and the answer's frame back, for those who decode later", async () => {
  const { connection, socket, deadline } = stage();
  const frame = encodeRequest({ api: ApiVersions, version: 3, correlationId: 0, clientId: "me" }, {});
  const answer = new Promise<Uint8Array>((resolve, reject) => {
    connection.exchange({
      api: ApiVersions,
      version: 3,
      pieces: [frame.subarray(0, 15), frame.subarray(15)],
      expectsAnswer: true,
      deadline,
      onAnswer: (bytes) => {
        resolve(bytes);
        return 0;
      },
      onFailure: reject,
    });
  });
  expect(socket.frames).toEqual([frame]);
  socket.give(answerFrame(ApiVersions, 3, 0, { throttleTimeMs: 9 }));
  expect(decodeResponse({ api: ApiVersions, version: 3 }, await answer).body.throttleTimeMs).toBe(9);
});

it("refuses a first piece that has no room for the header's beginning: that is a mistake of ours, not the broker's", () => {
  const { connection, deadline } = stage();
  const exchange = { api: Metadata, version: 9, pieces: [new Uint8Array(4)], expectsAnswer: true, deadline };
  expect(() => connection.exchange({ ...exchange, onAnswer: () => 0, onFailure: () => undefined })).toThrow(TypeError);
});
