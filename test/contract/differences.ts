// Two values, field by field.

import { nameOf, type UnorderedList } from "./unordered-lists.ts";

export interface Difference {
  /** As in `topics[0].partitions[1].errorCode`; elements of an unordered list by their names, as in `topics[orders].errorCode`. */
  readonly path: string;
  readonly embedded: unknown;
  readonly kafka: unknown;
}

/** Stands where one side has no such element. */
export const ABSENT: unique symbol = Symbol("absent");

export function* differences(
  embedded: unknown,
  kafka: unknown,
  unordered: readonly UnorderedList[],
  path = "",
): Generator<Difference> {
  if (Array.isArray(embedded) && Array.isArray(kafka)) {
    const names = unordered.find((list) => list.path === path.replace(/\[[^\]]*\]/g, ""));
    yield* elementDifferences(elements(embedded, names), elements(kafka, names), unordered, path);
  } else if (isObject(embedded) && isObject(kafka)) {
    for (const name of new Set([...Object.keys(embedded), ...Object.keys(kafka)])) {
      const inner = path === "" ? name : `${path}.${name}`;
      yield* differences(fieldOf(embedded, name), fieldOf(kafka, name), unordered, inner);
    }
  } else if (!Object.is(embedded, kafka)) yield { path, embedded, kafka };
}

type Elements = ReadonlyMap<string, unknown>;

function* elementDifferences(
  embedded: Elements,
  kafka: Elements,
  unordered: readonly UnorderedList[],
  path: string,
): Generator<Difference> {
  for (const name of new Set([...embedded.keys(), ...kafka.keys()])) {
    const [one, other] = [embedded, kafka].map((side) => (side.has(name) ? side.get(name) : ABSENT));
    yield* differences(one, other, unordered, `${path}[${name}]`);
  }
}

/** The elements by their names, or by their places. Equal names are told apart by a number. */
function elements(list: readonly unknown[], unordered: UnorderedList | undefined): Elements {
  if (unordered === undefined) return new Map(list.map((element, index) => [String(index), element]));
  const named = new Map<string, unknown>();
  for (const element of list) {
    const name = nameOf(element, unordered);
    let unique = name;
    for (let n = 2; named.has(unique); n++) unique = `${name} #${n}`;
    named.set(unique, element);
  }
  return named;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? (Reflect.get(value, name) as unknown) : ABSENT;
}
