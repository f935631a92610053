import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type AnyApi,
  apis,
  type Draft,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type FetchRequest,
  type FetchResponse,
  type MetadataResponse,
} from "../../src/protocol/index.ts";

/** Checked by the compiler (`npm run check`); running it shows that the values are what their types say. */
describe("the types of kafkawire/protocol", () => {
  const frame = encodeResponse({ api: "Fetch", version: 11, correlationId: 7 }, { responses: [] });

  it("give a response the type of the API that it answers, named or handed in", () => {
    const byName = decodeResponse({ api: "Fetch", version: 11 }, frame);
    const byApi = decodeResponse({ api: apis.Fetch, version: 11 }, frame);
    expectTypeOf(byName.body).toEqualTypeOf<FetchResponse>();
    expectTypeOf(byApi.body).toEqualTypeOf<FetchResponse>();
    expect(byName).toEqual(byApi);
  });

  it("leave a response untyped when only the API's number is known", () => {
    const { body } = decodeResponse({ api: 1, version: 11 }, frame);
    expectTypeOf(body).toEqualTypeOf<unknown>();
    expect(body).toHaveProperty("responses");
  });

  it("let a caller leave out every field that has a default, at every depth", () => {
    const body: Draft<FetchRequest> = { topics: [{ topic: "t", partitions: [{ partition: 0 }] }] };
    expectTypeOf<{ topics: [{ nonsense: 1 }] }>().not.toExtend<Draft<FetchRequest>>();
    expect(encodeRequest({ api: "Fetch", version: 11, correlationId: 1 }, body).length).toBeGreaterThan(0);
  });

  it("know each API by its name, and all of them as a list", () => {
    expectTypeOf(apis).toExtend<readonly AnyApi[]>();
    expectTypeOf(apis.Metadata.response.fields).returns.toEqualTypeOf<MetadataResponse>();
    expect(apis.find(({ key }) => key === 3)).toBe(apis.Metadata);
  });
});
