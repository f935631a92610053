import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTopic } from "../create-topic.ts";
import type { Scenario } from "../scenario.ts";
import { byOffset, Kcat } from "./kcat.ts";

const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
const RECORDS = 300;

export const readsEveryCodec: Scenario = {
  client: "kcat",
  name: "produces keys, headers and values in every codec to one partition and reads all of them back",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("codecs");
    await createTopic(stage, topic, 3);
    const wanted: unknown[] = [];
    for (const codec of CODECS) {
      const values = Array.from({ length: RECORDS }, (_, i) => ({ key: `key ${i}`, value: `${codec} ${i} `.repeat(20) }));
      const lines = values.map(({ key, value }) => `${key}|${value}`);
      await kcat.produce(topic, lines, ["-p", "1", "-K", "|", "-z", codec, "-H", `codec=${codec}`, "-H", "empty="]);
      wanted.push(...values.map(({ key, value }) => ({ key, value, headers: ["codec", codec, "empty", ""] })));
    }
    const records = await kcat.consume(topic, ["-o", "beginning"]);
    const found = records.map(({ key, payload, headers }) => ({ key, value: payload, headers }));
    return {
      records: records.length,
      partitions: [...new Set(records.map(({ partition }) => partition))],
      areInOrder: records.every(({ offset }, i) => offset === i),
      areAllAsProduced: JSON.stringify(found) === JSON.stringify(wanted),
      timestamps: [...new Set(records.map(({ tstype }) => tstype))],
      last: found.at(-1)?.headers,
    };
  },
};

export const keepsNulls: Scenario = {
  client: "kcat",
  name: "tells a tombstone from an empty value, and a missing key from an empty one",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("nulls");
    await createTopic(stage, topic, 1);
    await kcat.produce(topic, ["a=1", "a=", "no key", "=no key, either"], ["-K", "=", "-Z"]);
    await kcat.produce(topic, ["a=", "=with an empty key"], ["-K", "="]);
    await kcat.produce(topic, ["with headers"], ["-H", "name=first", "-H", "name=second", "-H", "nothing"]);
    const records = await kcat.consume(topic, ["-o", "beginning"]);
    return records.map(({ offset, key, payload, headers }) => ({ offset, key, payload, headers }));
  },
};

export const partitionsByKey: Scenario = {
  client: "kcat",
  name: "spreads records by their keys as Java does, and reads each partition on its own",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("partitions");
    await createTopic(stage, topic, 4);
    const lines = Array.from({ length: 40 }, (_, i) => `key ${i % 10}:value ${i}`);
    await kcat.produce(topic, lines, ["-K", ":", "-X", "topic.partitioner=murmur2"]);
    await kcat.produce(topic, ["only here"], ["-p", "2"]);
    const each: unknown[] = [];
    for (const partition of [0, 1, 2, 3]) {
      const records = await kcat.consume(topic, ["-p", String(partition), "-o", "beginning"]);
      each.push({ partition, records: records.map(({ offset, key, payload }) => [offset, key, payload]) });
    }
    const absent = await kcat.run(["-P", "-t", topic, "-p", "4"], { input: "nowhere\n", allowFailure: true });
    return { each, absent: absent.code };
  },
};

export const producesIdempotently: Scenario = {
  client: "kcat",
  name: "produces 20,000 records with idempotence, five requests in flight, and none is lost, doubled or out of order",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("idempotent");
    await createTopic(stage, topic, 1);
    const lines = Array.from({ length: 20_000 }, (_, i) => `record ${i}`);
    const settings = ["enable.idempotence=true", "batch.num.messages=100", "linger.ms=0", "max.in.flight=5"];
    await kcat.produce(topic, lines, ["-z", "lz4", ...settings.flatMap((setting) => ["-X", setting])]);
    const { stdout } = await kcat.run(["-C", "-t", topic, "-e", "-q", "-o", "beginning", "-f", "%o %s\\n"]);
    const read = stdout.trimEnd().split("\n");
    return { records: read.length, areAllInOrder: read.every((line, i) => line === `${i} record ${i}`) };
  },
};

export const carriesBigValues: Scenario = {
  client: "kcat",
  name: "carries values of 900 KB byte for byte, and is told when a record is larger than the broker takes",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("big");
    await createTopic(stage, topic, 1);
    const bodies = [900_000, 900_001, 17].map((size) =>
      randomBytes(size / 2 + 1)
        .toString("hex")
        .slice(0, size),
    );
    for (const [i, body] of bodies.entries()) {
      const file = join(stage.folder, `value-${i}`);
      writeFileSync(file, body);
      await kcat.run(["-P", "-t", topic, file]);
    }
    const tooLarge = join(stage.folder, "too-large");
    writeFileSync(tooLarge, randomBytes(800_000).toString("hex"));
    const refused = await kcat.run(["-P", "-t", topic, "-X", "message.max.bytes=10000000", tooLarge], { allowFailure: true });
    // A limit below one value: a fetch must return the first record whole even so.
    const records = await kcat.consume(topic, ["-o", "beginning", "-X", "fetch.message.max.bytes=10000"]);
    return {
      sizes: records.map(({ payload }) => payload?.length),
      areEqual: records.every(({ payload }, i) => sha256(payload ?? "") === sha256(bodies[i] ?? "")),
      refused: { code: refused.code, why: /Broker: [^:\n]*/.exec(refused.stderr)?.[0] },
    };
  },
};

export const readsCommitted: Scenario = {
  client: "kcat",
  name: "commits a transaction: a marker takes an offset, and readers of either isolation level see all its records",
  async run(stage) {
    const kcat = new Kcat(stage);
    const topic = stage.unique("transaction");
    await createTopic(stage, topic, 2);
    const id = ["-X", `transactional.id=${stage.unique("id")}`];
    for (const word of ["first", "second"]) {
      await kcat.produce(topic, [`${word} 1`, `${word} 2`], ["-p", "0", ...id]);
      await kcat.produce(topic, [`${word} 3`], ["-p", "1", ...id]);
    }
    const seen: unknown[] = [];
    for (const level of ["read_committed", "read_uncommitted"]) {
      const records = await kcat.consume(topic, ["-o", "beginning", "-X", `isolation.level=${level}`]);
      seen.push({ level, records: byOffset(records).map(({ partition, offset, payload }) => [partition, offset, payload]) });
    }
    return seen;
  },
};

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
