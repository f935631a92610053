import { describe, expect, test } from "vitest";
import { HeldClock } from "../../broker/index.ts";
import { type Api, type Draft, decodeRequest, encodeRequestWithHeader, type MetadataResponse } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import type { Answer, RequestBody } from "../connection/broker-connection.ts";
import { queryMetadata } from "./metadata-query.ts";

/** A broker that speaks one version and gives one answer. */
class OneAnswer {
  readonly facts = { connection: 1, broker: "a:9092", nodeId: 1, lane: "main" };
  readonly #version: number;
  readonly #answer: Partial<MetadataResponse>;
  asked: unknown;

  constructor(version: number, answer: Partial<MetadataResponse>) {
    this.#version = version;
    this.#answer = { errorCode: 0, brokers: [{ nodeId: 1, host: "a", port: 9092, rack: null }], topics: [], ...answer };
  }

  ask<Request, Response>(api: Api<Request, Response>, body: RequestBody<Request>): Promise<Answer<Response>> {
    const version = this.#version;
    const draft = isMaker(body) ? body(version) : body;
    const header = { requestApiKey: api.key, requestApiVersion: version, correlationId: 1, clientId: null };
    this.asked = decodeRequest(encodeRequestWithHeader(header, draft)).body;
    return Promise.resolve({ version, body: this.#answer as Response });
  }
}

function isMaker<Request>(body: RequestBody<Request>): body is (version: number) => Draft<Request> {
  return typeof body === "function";
}

const deadline = new Deadline(new HeldClock(), 1_000);

describe("asking a broker for metadata", () => {
  test.each(Array.from({ length: 14 }, (_, version) => version))("can be written in v%i", async (version) => {
    const broker = new OneAnswer(version, {});
    await queryMetadata(broker, ["t"], true, deadline);
    expect(broker.asked).toMatchObject({ topics: [{ name: "t" }], allowAutoTopicCreation: true });
  });

  test.each([
    [0, []],
    [1, null],
    [3, null],
    [4, [{ name: "t" }]],
    [13, [{ name: "t" }]],
  ])("creates no topic that was not to be created: v%i asks for %j", async (version, topics) => {
    const broker = new OneAnswer(version, {});
    await queryMetadata(broker, ["t"], false, deadline);
    expect(broker.asked).toMatchObject({ topics });
  });

  test("M11: an error for the whole answer is one", async () => {
    await expect(queryMetadata(new OneAnswer(13, { errorCode: 129 }), [], false, deadline)).rejects.toMatchObject({
      code: "REBOOTSTRAP_REQUIRED",
    });
  });

  test("M12: an answer without brokers is none", async () => {
    await expect(queryMetadata(new OneAnswer(13, { brokers: [] }), [], false, deadline)).rejects.toMatchObject({
      code: "CONNECTION",
    });
  });
});
