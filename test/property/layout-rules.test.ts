/** The rules of `wire.ts`, for every API and every version of it. */
import { expect, it, describe as suite } from "vitest";
import { type AnyApi, isFlexible } from "../../src/protocol/api/api.ts";
import { apis } from "../../src/protocol/api/apis.ts";
import { requestHeader, responseHeader } from "../../src/protocol/frame/headers.ts";
import { assignmentBlob } from "../../src/protocol/group/assignment.ts";
import { subscriptionBlob } from "../../src/protocol/group/subscription.ts";
import { blank } from "../../src/protocol/wire/blank.ts";
import { describe, type FieldDescription } from "../../src/protocol/wire/describer.ts";
import type { Layout, Wire } from "../../src/protocol/wire/wire.ts";

interface Subject {
  readonly name: string;
  readonly layout: Layout<unknown>;
  readonly versions: readonly number[];
  readonly isFlexible: (version: number) => boolean;
}

/** One wire call: the fields that were read of the value since the call before, and the layouts that it was given. */
interface Call {
  readonly reads: readonly string[];
  readonly inner: Layout<unknown> | undefined;
}

const MODIFIERS: ReadonlySet<string> = new Set(["since", "until", "ignorable", "tag"]);

/** Runs a layout against a wire of its own: unlike the describer, it counts calls and does not believe names. */
function callsOf(layout: Layout<unknown>): readonly Call[] {
  const calls: Call[] = [];
  let reads: string[] = [];
  const it: unknown = new Proxy({}, { get: (_target, key) => void reads.push(String(key)) });
  const wire: Wire = new Proxy<Wire>(Object.create(null), {
    get: (_target, method): unknown => {
      if (method === "ignorable") return wire;
      if (method === "version") throw new Error("a layout must not look at the version");
      return (...values: readonly unknown[]): unknown => {
        if (MODIFIERS.has(String(method))) return wire;
        calls.push({ reads, inner: values.find(isLayout) });
        reads = [];
        return undefined;
      };
    },
  });
  layout.fields(wire, it);
  expect(reads, "a field is read and not sent").toEqual([]);
  return calls;
}

function isLayout(value: unknown): value is Layout<unknown> {
  return typeof value === "object" && value !== null && "isStruct" in value && "fields" in value;
}

function range([first, last]: readonly [number, number]): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function messagesOf(api: AnyApi): Subject[] {
  const common = { versions: range(api.versions), isFlexible: (version: number) => isFlexible(api, version) };
  return [
    { name: `${api.name} request`, layout: api.request, ...common },
    { name: `${api.name} response`, layout: api.response, ...common },
  ];
}

const never = (): boolean => false;
const subjects: readonly Subject[] = [
  ...apis.flatMap(messagesOf),
  { name: "request header", layout: requestHeader, versions: [1, 2], isFlexible: (version) => version >= 2 },
  { name: "response header", layout: responseHeader, versions: [0, 1], isFlexible: (version) => version >= 1 },
  {
    name: "subscription",
    layout: subscriptionBlob.layout,
    versions: range([0, subscriptionBlob.latestVersion]),
    isFlexible: never,
  },
  { name: "assignment", layout: assignmentBlob.layout, versions: range([0, assignmentBlob.latestVersion]), isFlexible: never },
];

/** Visits a struct and those inside it, each with its fields as each version has them. */
function visitStructs(
  { layout, versions }: Pick<Subject, "layout" | "versions">,
  visit: (path: string, layout: Layout<unknown>, byVersion: ReadonlyMap<number, readonly FieldDescription[]>) => void,
  path = "",
): void {
  if (versions.length === 0) return;
  const byVersion = new Map(versions.map((version) => [version, describe(layout, version)]));
  visit(path, layout, byVersion);
  callsOf(layout).forEach(({ inner }, index) => {
    if (inner?.isStruct !== true) return;
    const field = (version: number): FieldDescription | undefined => byVersion.get(version)?.[index];
    const inVersions = versions.filter((version) => field(version)?.present === true);
    visitStructs({ layout: inner, versions: inVersions }, visit, `${path}${field(versions[0]!)?.name}.`);
  });
}

interface Uses {
  readonly path: string;
  readonly byVersion: Map<number, readonly FieldDescription[]>;
}

/** The structs of a message with all versions that have them: two fields may share a struct (OffsetFetch's topics do). */
function usesOf(subject: Subject): ReadonlyMap<Layout<unknown>, Uses> {
  const uses = new Map<Layout<unknown>, Uses>();
  visitStructs(subject, (path, layout, byVersion) => {
    const all = uses.get(layout)?.byVersion ?? new Map<number, readonly FieldDescription[]>();
    for (const [version, fields] of byVersion) all.set(version, fields);
    uses.set(layout, { path, byVersion: new Map([...all].toSorted(([one], [other]) => one - other)) });
  });
  return uses;
}

suite.each(subjects.map((subject) => [subject.name, subject] as const))("the layout of the %s", (_name, subject) => {
  it("makes one wire call for each property, named as the property and in the same order, in every version", () => {
    visitStructs(subject, (path, layout, byVersion) => {
      const keys = Object.keys(Object(blank(layout)));
      expect({ path, calls: callsOf(layout).map(({ reads }) => reads) }).toEqual({ path, calls: keys.map((key) => [key]) });
      for (const [version, fields] of byVersion) {
        expect({ path, version, names: fields.map(({ name }) => name) }).toEqual({ path, version, names: keys });
      }
    });
  });

  it("has its tagged fields last, ascending, and only where versions are flexible", () => {
    visitStructs(subject, (path, _layout, byVersion) => {
      for (const [version, fields] of byVersion) {
        const present = fields.filter((field) => field.present && (field.tag === undefined || subject.isFlexible(version)));
        const tags = present.map(({ tag }) => tag ?? -1);
        const ascending = tags.toSorted((one, other) => one - other);
        expect({ path, version, tags }).toEqual({ path, version, tags: ascending });
        const numbers = fields.flatMap(({ tag }) => tag ?? []);
        expect(new Set(numbers).size).toBe(numbers.length);
      }
    });
  });

  it("has every field in at least one version, and in no two stretches of versions", () => {
    for (const [layout, { path, byVersion }] of usesOf(subject)) {
      Object.keys(Object(blank(layout))).forEach((name, index) => {
        const present = [...byVersion].flatMap(([version, fields]) => (isSent(fields[index], subject, version) ? [version] : []));
        const first = Math.min(...present);
        const last = Math.max(...present);
        const versions = [...byVersion.keys()].filter((version) => version >= first && version <= last);
        expect(present.length, `${path}${name} is in no version`).toBeGreaterThan(0);
        expect({ field: `${path}${name}`, present }).toEqual({ field: `${path}${name}`, present: versions });
      });
    }
  });

  it("has no array of structs that take no bytes: a count of them could not be checked against the bytes that are left", () => {
    visitStructs(subject, (path, layout, byVersion) => {
      const inner = callsOf(layout).map((call) => call.inner);
      for (const [version, fields] of byVersion) {
        if (subject.isFlexible(version)) continue;
        fields.forEach(({ name, isArray, present, type, fields: parts }, index) => {
          if (!isArray || !present || type !== "struct") return;
          expect(parts.filter((part) => part.present).length, `${path}${name} in version ${version}`).toBeGreaterThan(0);
          expect(inner[index]?.minimumSize, `${path}${name}`).toBeGreaterThan(0);
        });
      }
    });
  });
});

function isSent(field: FieldDescription | undefined, subject: Subject, version: number): boolean {
  return field?.present === true && (field.tag === undefined || subject.isFlexible(version));
}
