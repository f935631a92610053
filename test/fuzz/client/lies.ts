// What a hostile broker says instead of the truth.

import { decodeResponse, encodeResponse } from "../../../src/protocol/index.ts";
import { mutated } from "../mutate.ts";
import type { Random } from "../random.ts";
import { bombs } from "./bombs.ts";
import type { Asked, Liar, Lie } from "./hostile-transport.ts";

const NUMBERS: readonly number[] = [
  -1, 0, 1, 2, 3, -2, 35, 129, 6, 41, 100, 32_767, -32_768, 70_000, 2_147_483_647, -2_147_483_648,
];
const BIG_NUMBERS: readonly bigint[] = [-1n, 0n, 1n, -2n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "orders",
  "payments",
  "\u001b[2J\u0007\r\n",
  "\ud800",
  "127.0.0.1",
  "nowhere.invalid",
  "x".repeat(30_000),
  "AAAAAAAAAAAAAAAAAAAAAA",
];
const MOST_COPIES: readonly number[] = [2, 2, 3, 10, 1000, 20_000];
/** Values in an answer that are changed, at most. */
const MOST_CHANGES = 4;

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string;
  readonly value: unknown;
}

/** How bad a broker is, drawn once for a round: of a hundred answers so many are lies. */
export interface Character {
  readonly liesOfHundred: number;
  /** The only API that it lies about; all of them if undefined. */
  readonly api: string | undefined;
  /** Only values, so that nearly every answer can be read. */
  readonly isPlausible: boolean;
  /** The same lie to the same question, so that trying again does not help. */
  readonly isStubborn: boolean;
}

export function liar(random: Random, character: Character): Liar {
  const habits = new Map<string, (asked: Asked, answer: Uint8Array) => Lie>();
  return (asked, answer) => {
    const { name } = asked.api;
    if (character.api !== undefined && character.api !== name) return { frames: [answer] };
    if (random.below(100) >= character.liesOfHundred) return { frames: [answer] };
    if (!character.isStubborn) return drawLie(random, character)(asked, answer);
    const habit = habits.get(name) ?? drawLie(random, character);
    habits.set(name, habit);
    return habit(asked, answer);
  };
}

function drawLie(random: Random, { isPlausible }: Character): (asked: Asked, answer: Uint8Array) => Lie {
  const seed = random.below(0x7fff_ffff);
  // Each answer by itself has the same offence, of whatever API it is.
  if (isPlausible && random.below(2) === 0)
    return (asked, answer) => ({ frames: [withBomb(asked, answer, choiceFor(asked, seed), random)] });
  if (isPlausible || random.below(3) > 0) return (asked, answer) => ({ frames: [withOtherValues(asked, answer, random)] });
  return random.pick(violations)(random);
}

/** Offences against the order of a connection, and bytes that are no answer. */
const violations: readonly ((random: Random) => (asked: Asked, answer: Uint8Array) => Lie)[] = [
  (random) => (_asked, answer) => ({ frames: [resized(mutated(answer, random, { other: answer, dictionary: [] }))] }),
  (random) => (_asked, answer) => ({ frames: [mutated(answer, random, { other: answer, dictionary: [] })] }),
  () => () => ({}),
  (random) => (_asked, answer) => ({ delayMs: random.pick([1, 100, 900, 5000, 40_000]), frames: [answer] }),
  () => (_asked, answer) => ({ frames: [answer, answer] }),
  () => () => ({ end: "close" }),
  () => () => ({ end: "reset" }),
  (random) => (_asked, answer) => ({
    frames: [answer.subarray(0, random.below(answer.length))],
    end: random.pick(["close", "reset"]),
  }),
  () => (_asked, answer) => ({ frames: [answer], end: "close" }),
  (random) => (_asked, answer) => ({ frames: [answer.subarray(0, random.below(answer.length))] }),
  (random) => (_asked, answer) => ({ frames: [withInt32(answer, 4, random.pick(NUMBERS))] }),
  (random) => (_asked, answer) => ({ frames: [withInt32(answer, 0, random.pick([-1, 0, 3, 99_999_999, 2_147_483_647]))] }),
  () => () => ({ frames: [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")] }),
  () => () => ({ frames: [Buffer.of(0x15, 3, 3, 0, 2, 2, 70)] }),
  (random) => (_asked, answer) => ({ frames: [answer], chunkBytes: 1 + random.below(7) }),
];

function resized(frame: Uint8Array): Uint8Array {
  return frame.length < 4 ? frame : withInt32(frame, 0, frame.length - 4);
}

function withInt32(frame: Uint8Array, at: number, value: number): Uint8Array {
  const copy = frame.slice();
  if (copy.length >= at + 4) new DataView(copy.buffer).setInt32(at, value);
  return copy;
}

/** An answer that can be read, or nearly, and says something else. */
function withOtherValues(asked: Asked, answer: Uint8Array, random: Random): Uint8Array {
  return rewritten(asked, answer, random, (body) => {
    const changes = 1 + random.below(MOST_CHANGES);
    for (let i = 0; i < changes; i++) change(placesIn(body), random);
  });
}

function rewritten(
  { api, version, correlationId }: Asked,
  answer: Uint8Array,
  random: Random,
  rewrite: (body: Record<string, unknown>) => void,
): Uint8Array {
  try {
    const decoded: { readonly version: number; readonly body: unknown } = decodeResponse({ api, version }, answer);
    const { body } = decoded;
    if (!isObject(body)) return answer;
    rewrite(body);
    return encodeResponse({ api, version: decoded.version, correlationId }, body);
  } catch {
    // What cannot be written cannot be sent by anybody either; then the bytes are changed.
    return resized(mutated(answer, random, { other: answer, dictionary: [] }));
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A number that is the same for the same API. */
function choiceFor({ api }: Asked, seed: number): number {
  return Math.abs(seed + api.key);
}

function withBomb(asked: Asked, answer: Uint8Array, choice: number, random: Random): Uint8Array {
  const ofApi = bombs.get(asked.api.name) ?? [];
  const bomb = ofApi[choice % ofApi.length];
  return rewritten(asked, answer, random, (body) => bomb?.(body, random));
}

/** Every value, and what holds it; each kind of field as often as it deserves, not as often as it occurs. */
function placesIn(value: object): readonly Place[] {
  const byField = new Map<string, Place[]>();
  const walk = (holder: object, path: string): void => {
    if (!isHolder(holder)) return;
    for (const [key, inner] of Object.entries(holder)) {
      const field = Array.isArray(holder) ? `${path}[]` : `${path}.${key}`;
      const places = byField.get(field) ?? [];
      byField.set(field, places);
      if (places.length < 50) places.push({ holder, key, value: inner });
      if (typeof inner === "object" && inner !== null && places.length < 50) walk(inner, field);
    }
  };
  walk(value, "");
  const most = Math.max(0, ...Array.from(byField.values(), ({ length }) => length));
  return [...byField.values()].flatMap((places) => Array.from({ length: most }, (_, index) => places[index % places.length]!));
}

function isHolder(value: object): value is Record<string, unknown> | unknown[] {
  return !(value instanceof Uint8Array);
}

function change(places: readonly Place[], random: Random): void {
  if (places.length === 0) return;
  const { holder, key, value } = random.pick(places);
  const other = random.below(12) === 0 ? null : otherValue(value, places, random);
  Reflect.set(holder, key, other);
}

function otherValue(value: unknown, places: readonly Place[], random: Random): unknown {
  // A copy: an answer that holds itself has no end.
  if (random.below(4) === 0) return structuredClone(random.pick(places).value);
  switch (typeof value) {
    case "number":
      return random.below(3) === 0 ? value + random.pick([1, -1, 2, 100]) : random.pick(NUMBERS);
    case "bigint":
      return random.pick(BIG_NUMBERS);
    case "boolean":
      return !value;
    case "string":
      return random.pick(TEXTS);
    default:
      return Array.isArray(value) ? otherList(value, random) : value;
  }
}

function otherList(items: readonly unknown[], random: Random): unknown[] {
  const first = items[0];
  switch (random.below(6)) {
    case 0:
      return [];
    case 1:
      return items.toReversed();
    case 2:
      return items.slice(random.below(items.length));
    case 3:
      return items.filter(() => random.below(2) === 0);
    case 4:
      return [...items, ...structuredClone(items)];
    default:
      return first === undefined ? [] : Array.from({ length: random.pick(MOST_COPIES) }, () => first);
  }
}
