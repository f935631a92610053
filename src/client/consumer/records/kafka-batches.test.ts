import { describe, expect, it } from "vitest";
import { fetched, recordsOf } from "../../../../test/support/fetched-records.ts";
import {
  type BuiltRecordsFixture,
  invalidRecordsFixtures,
  type RecordJson,
  recordsFixtures,
} from "../../../../test/support/fixtures.ts";
import { UnreadableRecordsError } from "../../errors.ts";
import type { ConsumerRecord } from "./consumer-record.ts";

function hexOf(bytes: unknown): string | null {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString("hex") : null;
}

/** A record as Java tells it. Both sides lose what numbers beyond 2^53 cannot say. */
function asJava({ offset, timestamp, key, value, headers }: ConsumerRecord<unknown, unknown>): unknown {
  const named = headers.map(([name, content]) => [name, hexOf(content)]);
  return { offset, timestamp, key: hexOf(key), value: hexOf(value), headers: named };
}

function ofJava({ offset, timestamp, key, value, headers = [] }: RecordJson): unknown {
  return { offset: Number(offset), timestamp: Number(timestamp), key, value, headers };
}

/** Offsets that no position can have: negative, or too large to be counted on from. */
function isBeyondNumbers({ json }: BuiltRecordsFixture): boolean {
  return json.batches.some(({ baseOffset, nextOffset }) => {
    return [baseOffset, nextOffset].some((offset) => offset !== undefined && !(Number(offset) >= 0 && Number(offset) < 2 ** 53));
  });
}

const built = recordsFixtures().filter((fixture): fixture is BuiltRecordsFixture => fixture.builderError === undefined);
const readable = built.filter((fixture) => fixture.hasError !== true && !isBeyondNumbers(fixture));

describe("batches that Kafka's own classes have made", () => {
  it("are many, and of every kind", () => {
    expect(readable.length).toBeGreaterThan(100);
  });

  it.each(readable.map((fixture) => [fixture.name, fixture] as const))(
    "%s are read as Java reads them",
    async (_, { hex, json }) => {
      const part = fetched([Buffer.from(hex, "hex")]);
      const wanted = json.batches.filter(({ control }) => control !== true).flatMap(({ records = [] }) => records);
      expect((await recordsOf(part)).map(asJava)).toEqual(wanted.map(ofJava));
      const { nextOffset } = json.batches.at(-1) ?? {};
      expect(part.nextOffset).toBe(Number(nextOffset ?? 0));
      expect(part.isEmpty).toBe(json.batches.length === 0);
    },
  );

  it.each(built.filter((fixture) => isBeyondNumbers(fixture)).map((fixture) => [fixture.name, fixture] as const))(
    "%s have no offsets that a position can be",
    (_, { hex }) => {
      expect(fetched([Buffer.from(hex, "hex")]).problem).toBeInstanceOf(UnreadableRecordsError);
    },
  );

  it.each(invalidRecordsFixtures().map((fixture) => [fixture.name, fixture] as const))(
    "F8, F9, F11: %s are an error with its place, or what Java makes of them",
    async (_, { hex, json }) => {
      const bytes = Buffer.from(hex, "hex");
      const refused = json.error !== undefined || json.batches.some(({ error, valid }) => error !== undefined || valid === false);
      try {
        const records = await recordsOf(fetched([bytes]));
        expect(refused).toBe(false);
        expect(records.map(asJava)).toEqual(json.batches.flatMap(({ records: ofBatch = [] }) => ofBatch).map(ofJava));
      } catch (error) {
        if (!(error instanceof UnreadableRecordsError)) throw error;
        expect(error).toMatchObject({ topic: "orders", partition: 3 });
        expect(error.offset).toBeGreaterThanOrEqual(0);
      }
    },
  );
});
