/** Whatever bytes come, decoding gives a value or a MalformedMessageError, in time and memory that their number bounds. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { it, describe as suite } from "vitest";
import { apiByKey } from "../../src/protocol/api/apis.ts";
import { MalformedMessageError } from "../../src/protocol/malformed-message-error.ts";
import { type MessageFixture, messageFixtures, oldMessageFixtures } from "../support/fixtures.ts";
import { arbitraryMessage, everyMessage, type MessageKind } from "./arbitrary-message.ts";
import { countValues, decodeOrRefuse, encode, resealed } from "./message-frame.ts";
import { patience, runs } from "./runs.ts";

interface Change {
  readonly kind: "set" | "flip" | "insert" | "remove" | "number";
  readonly at: number;
  readonly value: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("set", "flip", "insert", "remove", "number"),
  at: fc.nat(),
  value: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
});
/** What lengths and counts are attacked with: int32 and varints, from -2 to beyond 2^32. */
const NUMBERS = [
  "7fffffff",
  "80000000",
  "ffffffff",
  "fffffffe",
  "00ffffff",
  "ffffffff0f",
  "8080808008",
  "ffffffff7f",
  "8000",
  "ffff03",
];

function changed(bytes: Uint8Array, { kind, at, value }: Change): Uint8Array {
  const place = 4 + (at % Math.max(bytes.length - 4, 1));
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  const number = Buffer.from(NUMBERS[value % NUMBERS.length]!, "hex");
  switch (kind) {
    case "set":
      return Buffer.concat([before, Buffer.of(value), after.subarray(1)]);
    case "flip":
      return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << (value % 8))), after.subarray(1)]);
    case "insert":
      return Buffer.concat([before, Buffer.of(value), after]);
    case "remove":
      return Buffer.concat([before, after.subarray(1 + (value % 8))]);
    case "number":
      return Buffer.concat([before, number, after.subarray(number.length)]);
  }
}

/** A value costs at most as much as the bytes that it came from, times the number of fields that the largest struct has. */
const VALUES_PER_BYTE = 40;
const MOST_SECONDS = 1;

function check(kind: MessageKind, bytes: Uint8Array): void {
  const frame = resealed(bytes);
  const startedAt = performance.now();
  const decoded = decodeOrRefuse(kind, frame);
  const seconds = (performance.now() - startedAt) / 1000;
  assert(seconds < MOST_SECONDS, `${seconds} s for ${frame.length} bytes`);
  if (decoded instanceof MalformedMessageError) return;
  const most = VALUES_PER_BYTE * (frame.length + 10);
  assert(countValues(decoded.body) <= most, `${countValues(decoded.body)} values of ${frame.length} bytes`);
}

function subjectOf(fixture: MessageFixture): readonly [MessageKind, Uint8Array][] {
  const api = apiByKey(fixture.apiKey);
  if (api === undefined || fixture.version < api.versions[0] || fixture.version > api.versions[1]) return [];
  return [[{ api, version: fixture.version, kind: fixture.kind }, Buffer.from(`00000000${fixture.hex}`, "hex")]];
}

const changes = fc.array(change, { minLength: 1, maxLength: 4 });
const fromKafka = [...messageFixtures(), ...oldMessageFixtures()].filter(({ hex }) => hex.length < 8000).flatMap(subjectOf);

suite("changed bytes", () => {
  it("of Kafka's messages give a value or a MalformedMessageError", patience, () => {
    fc.assert(
      fc.property(fc.constantFrom(...fromKafka), changes, ([kind, bytes], all) => check(kind, all.reduce(changed, bytes))),
      runs(6000),
    );
  });

  it("of generated messages give a value or a MalformedMessageError", patience, () => {
    const message = fc.constantFrom(...everyMessage).chain(arbitraryMessage);
    fc.assert(
      fc.property(message, changes, (it, all) => check(it, all.reduce(changed, encode(it)))),
      runs(1500),
    );
  });
});

suite("bytes without any sense", () => {
  it("give a value or a MalformedMessageError", patience, () => {
    const bytes = fc.uint8Array({ minLength: 4, maxLength: 200 });
    fc.assert(
      fc.property(fc.constantFrom(...everyMessage), bytes, (kind, it) => {
        if (kind.kind === "request" && it.length >= 8) {
          new DataView(it.buffer).setInt16(4, kind.api.key);
          new DataView(it.buffer).setInt16(6, kind.version);
        }
        check(kind, it);
      }),
      runs(3000),
    );
  });
});

suite("a claim of 2^31 elements or bytes", () => {
  it("at any place of any message allocates nothing for it", patience, () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const [kind, bytes] of fromKafka) {
      if (bytes.length > 300) continue;
      for (let at = 8; at < bytes.length; at += 8) {
        for (const number of ["7fffffff", "ffffffff0f"]) {
          const hostile = Buffer.from(bytes);
          hostile.write(number, at, "hex");
          const frame = resealed(hostile);
          const decoded = decodeOrRefuse(kind, frame);
          if (!(decoded instanceof MalformedMessageError)) assert(countValues(decoded.body) < VALUES_PER_BYTE * frame.length);
        }
      }
    }
    assert(process.memoryUsage().arrayBuffers - before < 200_000_000);
  });
});
