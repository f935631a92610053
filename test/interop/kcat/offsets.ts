import { createTopic } from "../create-topic.ts";
import type { Scenario } from "../scenario.ts";
import { Kcat, type KcatRecord } from "./kcat.ts";

export const startsAnywhere: Scenario = {
  client: "kcat",
  name: "starts at an offset, near the end, at the end and at a timestamp, and stops at a timestamp",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("places");
    await createTopic(stage, topic, 1);
    // Each word is produced by a process of its own, and so later than the word before.
    for (const word of ["one", "two", "three", "four"]) await kcat.produce(topic, [`${word} a`, `${word} b`]);
    const all = await kcat.consume(topic, ["-o", "beginning"]);
    const second = { first: timestampOf(all, "two a"), last: timestampOf(all, "two b") };
    const fourth = timestampOf(all, "four a");
    const from = async (...parameters: string[]): Promise<readonly (string | null)[]> =>
      (await kcat.consume(topic, ["-p", "0", ...parameters])).map(({ payload }) => payload);
    return {
      all: all.map(({ offset, payload }) => [offset, payload]),
      atFive: await from("-o", "5"),
      lastThree: await from("-o", "-3"),
      atEnd: await from("-o", "end"),
      atSecond: await from("-o", `s@${second.first}`),
      afterSecond: await from("-o", `s@${second.last + 1}`),
      fromSecondToFourth: await from("-o", `s@${second.first}`, "-o", `e@${fourth}`),
      twoOnly: await from("-o", "2", "-c", "2"),
      beyond: await from("-o", "1000", "-X", "topic.auto.offset.reset=earliest"),
    };
  },
};

export const asksForOffsets: Scenario = {
  client: "kcat",
  name: "asks which offset a timestamp has, in several partitions at once",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("query");
    await createTopic(stage, topic, 3);
    for (const word of ["one", "two", "three"]) await kcat.produce(topic, [`${word} a`, `${word} b`], ["-p", "1"]);
    const all = await kcat.consume(topic, ["-p", "1", "-o", "beginning"]);
    const ask = async (...queries: string[]): Promise<readonly string[]> => {
      const { stdout } = await kcat.run(["-Q", ...queries.flatMap((query) => ["-t", `${topic}:${query}`])]);
      return stage.hide(stdout).trimEnd().split("\n").toSorted();
    };
    return {
      beginnings: await ask("0:-2", "1:-2", "2:-2"),
      ends: await ask("0:-1", "1:-1", "2:-1"),
      oldest: await ask("1:0"),
      atSecond: await ask(`1:${timestampOf(all, "two a")}`),
      afterSecond: await ask(`1:${timestampOf(all, "two b") + 1}`),
      afterAll: await ask(`1:${timestampOf(all, "three b") + 1}`, "0:0"),
    };
  },
};

function timestampOf(records: readonly KcatRecord[], wanted: string): number {
  const record = records.find(({ payload }) => payload === wanted);
  if (record === undefined) throw new Error(`"${wanted}" was not read back`);
  return record.ts;
}
