import { expect, it, describe as suite } from "vitest";
import { describe } from "./describer.ts";
import { int32, string, struct, uuid } from "./wire.ts";

interface Inner {
  readonly id: number;
}
interface Message {
  readonly name: string | null;
  readonly at: number;
  readonly ids: readonly string[];
  readonly inner: Inner;
  readonly list: readonly Inner[] | null;
  readonly maybe: Inner | null;
}

const inner = struct<Inner>((wire, it) => ({ id: wire.int32(it.id, -1) }));
const message = struct<Message>((wire, it) => ({
  name: wire.nullableString(it.name, "", 2),
  at: wire.since(1).until(2).ignorable.timestamp(it.at, -1),
  ids: wire.array(it.ids, uuid),
  inner: wire.struct(it.inner, inner),
  list: wire.since(1).nullableArray(it.list, inner, [], 2),
  maybe: wire.tag(4).nullableStruct(it.maybe, inner),
}));

suite("a description", () => {
  it("names the fields in the order of the layout", () => {
    expect(describe(message, 2).map(({ name }) => name)).toEqual(["name", "at", "ids", "inner", "list", "maybe"]);
  });

  it("tells type, default, tag and fields of each", () => {
    const [name, at, ids, one, list, maybe] = describe(message, 2);
    const plain = { isArray: false, present: true, nullable: false, ignorable: false, tag: undefined, fields: [] };
    expect(name).toEqual({ ...plain, name: "name", type: "string", nullable: true, default: "" });
    expect(at).toEqual({ ...plain, name: "at", type: "timestamp", ignorable: true, default: -1 });
    expect(ids).toEqual({ ...plain, name: "ids", type: "uuid", isArray: true, default: [] });
    const fields = [{ ...plain, name: "id", type: "int32", default: -1 }];
    expect(one).toEqual({ ...plain, name: "inner", type: "struct", default: { id: -1 }, fields });
    expect(list).toEqual({ ...plain, name: "list", type: "struct", isArray: true, nullable: true, default: [], fields });
    expect(maybe).toEqual({ ...plain, name: "maybe", type: "struct", nullable: true, tag: 4, default: null, fields });
  });

  it("says which fields a version lacks, and which may not be null yet", () => {
    const present = (version: number): string[] => describe(message, version).flatMap((it) => (it.present ? [it.name] : []));
    expect(present(0)).toEqual(["name", "ids", "inner", "maybe"]);
    expect(present(2)).toEqual(["name", "at", "ids", "inner", "list", "maybe"]);
    expect(present(3)).toEqual(["name", "ids", "inner", "list", "maybe"]);
    expect(describe(message, 1)[0]).toMatchObject({ nullable: false });
  });

  it("of a plain element has one field without a name", () => {
    expect(describe(string, 0)).toMatchObject([{ name: "", type: "string" }]);
    expect(describe(int32, 0)).toMatchObject([{ name: "", type: "int32" }]);
  });
});
