import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";
import { errorCode, ZERO_UUID } from "../../protocol/index.ts";

const UNKNOWN_ID = "abcdefghijklmnopqrstuw";

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ topics: { a: 1, b: 1, c: 1 } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

async function ids(): Promise<ReadonlyMap<string | null, string>> {
  const { topics } = await stage.client.ask("Metadata", { topics: null }, 12);
  return new Map(topics.map(({ name, topicId }) => [name, topicId]));
}

async function remove(topics: readonly { readonly name: string | null; readonly topicId: string }[]) {
  const { responses } = await stage.client.ask("DeleteTopics", { topics, timeoutMs: 1 }, 6);
  return responses.map((result) => [result.name, errorCode(result.errorCode).name, result.errorMessage]);
}

const named = (name: string) => ({ name, topicId: ZERO_UUID });
const withId = (topicId: string) => ({ name: null, topicId });

describe("DeleteTopics", () => {
  it("takes names and ids", async () => {
    expect(await remove([named("a"), withId((await ids()).get("b")!)])).toEqual(
      expect.arrayContaining([
        ["a", "NONE", null],
        ["b", "NONE", null],
      ]),
    );
    expect([...(await ids()).keys()]).toEqual(["c"]);
  });

  it("takes a list of names up to v5, and knows no words before", async () => {
    const { responses } = await stage.client.ask("DeleteTopics", { topicNames: ["a", "nope"], timeoutMs: 1 }, 4);
    expect(responses.map(({ name, errorCode: code }) => [name, code])).toEqual([
      ["a", 0],
      ["nope", 3],
    ]);
  });

  it("gives a topic that is made again another id", async () => {
    const before = (await ids()).get("a");
    await remove([named("a")]);
    await stage.create([{ name: "a", numPartitions: 1, replicationFactor: 1 }]);
    expect((await ids()).get("a")).not.toBe(before);
    expect(await remove([withId(before!)])).toMatchObject([[null, "UNKNOWN_TOPIC_ID", expect.any(String)]]);
  });

  // The words are a 4.3.1 broker's.
  it.each([
    [[named("nope")], [["nope", "UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition."]]],
    [[withId(UNKNOWN_ID)], [[null, "UNKNOWN_TOPIC_ID", "This server does not host this topic ID."]]],
    [[withId(ZERO_UUID)], [[null, "INVALID_REQUEST", "Neither topic name nor id were specified."]]],
    [[{ name: "a", topicId: UNKNOWN_ID }], [["a", "INVALID_REQUEST", "You may not specify both topic name and topic id."]]],
    [[named("a"), named("a")], [["a", "INVALID_REQUEST", "Duplicate topic name."]]],
    [[withId(UNKNOWN_ID), withId(UNKNOWN_ID)], [[null, "INVALID_REQUEST", "Duplicate topic id."]]],
  ])("refuses %o", async (topics, answer) => {
    expect(await remove(topics)).toEqual(answer);
    expect((await ids()).size).toBe(3);
  });

  it("refuses a topic that is named and given by id, once", async () => {
    expect(await remove([named("a"), withId((await ids()).get("a")!)])).toEqual([
      ["a", "INVALID_REQUEST", "The provided topic name maps to an ID that was already supplied."],
    ]);
  });

  it.each([
    [2, "INVALID_REQUEST"],
    [5, "TOPIC_DELETION_DISABLED"],
  ])("v%i says %s when the broker forbids it", async (version, error) => {
    const strict = await AdminStage.open({ topics: { a: 1 }, configs: { "delete.topic.enable": "false" } });
    const { responses } = await strict.client.ask("DeleteTopics", { topicNames: ["a"], timeoutMs: 1 }, version);
    expect(responses.map((result) => errorCode(result.errorCode).name)).toEqual([error]);
    expect((await strict.client.ask("Metadata", { topics: null }, 12)).topics).toHaveLength(1);
    await strict.close();
  });

  it("with a fault before the fact deletes nothing, with one after it does", async () => {
    stage.broker.faults.failNext({ api: "DeleteTopics", topic: "a", error: "REQUEST_TIMED_OUT" });
    stage.broker.faults.failNext({ api: "DeleteTopics", topic: "b", error: "REQUEST_TIMED_OUT", afterApply: true });
    expect(await remove([named("a"), named("b")])).toMatchObject([
      ["a", "REQUEST_TIMED_OUT", null],
      ["b", "REQUEST_TIMED_OUT", null],
    ]);
    expect([...(await ids()).keys()]).toEqual(["a", "c"]);
  });
});
