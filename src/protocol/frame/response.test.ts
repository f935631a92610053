import { describe, expect, it } from "vitest";
import type { FetchResponse } from "../api/fetch.ts";
import { InvalidValueError } from "../invalid-value-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { unknownTagsOf } from "../wire/unknown-tags.ts";
import type { Draft } from "../wire/wire.ts";
import { decodeResponse, encodeResponse, encodeResponseChunks, encodeResponseWithHeader } from "./response.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function frame(hex: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(hex.length / 2);
  return Buffer.concat([size, Buffer.from(hex, "hex")]);
}

describe("a response", () => {
  it("is its size, the correlation id and the body", () => {
    expect(hexOf(encodeResponse({ api: "Heartbeat", version: 0, correlationId: 7 }, { errorCode: 25 }))).toBe(
      "0000000600000007" + "0019",
    );
    expect(hexOf(encodeResponse({ api: "Heartbeat", version: 1, correlationId: 7 }, { throttleTimeMs: 9 }))).toBe(
      "0000000a00000007" + "00000009" + "0000",
    );
  });

  it("of a flexible version has tagged fields in its header, which are kept", () => {
    const hex = "00000007" + "01" + "4d03686472" + "00000009" + "0000" + "00";
    const { header, body, correlationId, version } = decodeResponse({ api: "Heartbeat", version: 4 }, frame(hex));
    expect({ body, correlationId, version }).toEqual({ body: { throttleTimeMs: 9, errorCode: 0 }, correlationId: 7, version: 4 });
    expect(unknownTagsOf(header)).toEqual([{ tag: 77, data: Buffer.from("hdr") }]);
    expect(hexOf(encodeResponseWithHeader({ api: "Heartbeat", version: 4 }, header, body))).toBe(hexOf(frame(hex)));
  });

  it("of ApiVersions never has tagged fields in its header", () => {
    // Kafka: "header v0 for every version"; the body is flexible from version 3 on.
    const hex = "00000007" + "0000" + "02" + "0012" + "0000" + "0004" + "00" + "00000000" + "00";
    for (const version of [3, 4, 5]) {
      const { body } = decodeResponse({ api: "ApiVersions", version }, frame(hex));
      expect(body.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
      expect(hexOf(encodeResponse({ api: "ApiVersions", version, correlationId: 7 }, body))).toBe(hexOf(frame(hex)));
    }
  });

  it("that is malformed is refused with API, version, kind, path and offset", () => {
    const read = (): unknown => decodeResponse({ api: "Heartbeat", version: 1 }, frame("00000007" + "00000009" + "00"));
    const expected = { api: "Heartbeat", version: 1, kind: "response", path: "errorCode", offset: 12 };
    expect(read).toThrow(expect.objectContaining(expected));
    expect(read).toThrow(MalformedMessageError);
    expect(() => decodeResponse({ api: "Heartbeat", version: 0 }, frame("00000007" + "0000" + "0000"))).toThrow(
      "2 bytes are left over",
    );
    expect(() => decodeResponse({ api: "Heartbeat", version: 0 }, Buffer.from("0000000700000007" + "0000", "hex"))).toThrow(
      "response, byte 0: the frame says 7 bytes, 6 are there",
    );
  });

  it("is of an API and a version that we know", () => {
    expect(() => decodeResponse({ api: "Heartbeat", version: 5 }, frame("00000007"))).toThrow(UnsupportedVersionError);
    expect(() => decodeResponse({ api: 999, version: 0 }, frame("00000007"))).toThrow("no API '999' is known");
  });
});

describe("KIP-511: a broker that lacks the asked version of ApiVersions answers in version 0", () => {
  // Error 35, UNSUPPORTED_VERSION, with the versions of ApiVersions that it has.
  const answer = frame("00000007" + "0023" + "00000001" + "0012" + "0000" + "0003");

  it.each([1, 2, 3, 4, 5])("and the answer to version %i is read as that", (version) => {
    const { body, version: read, correlationId } = decodeResponse({ api: "ApiVersions", version }, answer);
    expect({ read, correlationId }).toEqual({ read: 0, correlationId: 7 });
    expect(body).toMatchObject({ errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }], throttleTimeMs: 0 });
  });

  it.each([1, 3, 5])("also when it lists nothing, as brokers before 2.4 did (asked in version %i)", (version) => {
    const { body, version: read } = decodeResponse({ api: "ApiVersions", version }, frame("00000007" + "0023" + "00000000"));
    expect({ read, apiKeys: body.apiKeys }).toEqual({ read: 0, apiKeys: [] });
  });

  it("but an answer in the asked version is read as such", () => {
    const { version, body } = decodeResponse(
      { api: "ApiVersions", version: 3 },
      frame("00000007" + "0023" + "01" + "00000000" + "00"),
    );
    expect({ version, errorCode: body.errorCode }).toEqual({ version: 3, errorCode: 35 });
  });

  it("and no other error, and no other API, is read in another version", () => {
    expect(() => decodeResponse({ api: "ApiVersions", version: 3 }, frame("00000007" + "0000" + "00000000"))).toThrow(
      expect.objectContaining({ api: "ApiVersions", version: 3 }),
    );
    expect(() => decodeResponse({ api: "ListGroups", version: 3 }, frame("00000007" + "0023" + "00000000"))).toThrow(
      MalformedMessageError,
    );
  });

  it("and an answer that is malformed in version 0 too is refused", () => {
    expect(() => decodeResponse({ api: "ApiVersions", version: 3 }, frame("00000007" + "0023" + "00000002"))).toThrow(
      MalformedMessageError,
    );
    expect(() => decodeResponse({ api: "ApiVersions", version: 3 }, frame("00000007" + "00"))).toThrow(MalformedMessageError);
  });
});

describe("a response in pieces", () => {
  const records = (size: number, fill: number): Uint8Array => new Uint8Array(size).fill(fill);
  const head = { api: "Fetch", version: 12, correlationId: 9 } as const;
  const bodyWith = (...sizes: readonly number[]): Draft<FetchResponse> => ({
    responses: [
      { topic: "t", partitions: sizes.map((size, index) => ({ partitionIndex: index, records: records(size, index + 1) })) },
    ],
  });

  it.each([[[]], [[0]], [[4095]], [[4096]], [[10_000, 5, 20_000]], [[1 << 20, 1 << 20]]])(
    "of records of %j bytes is the response",
    (sizes) => {
      const body = bodyWith(...sizes);
      expect(Buffer.concat(encodeResponseChunks(head, body)).equals(encodeResponse(head, body))).toBe(true);
    },
  );

  it("does not copy large records", () => {
    const body = bodyWith(100_000);
    expect(encodeResponseChunks(head, body)).toContain(body.responses![0]!.partitions![0]!.records);
  });

  it("leaves nothing behind for the next one, also after a failure", () => {
    const wrong = { responses: [{ topic: "t", partitions: [{ records: records(8192, 1) }, { partitionIndex: 1.5 }] }] };
    expect(() => encodeResponseChunks(head, wrong)).toThrow(InvalidValueError);
    const body = bodyWith(8192);
    expect(Buffer.from(encodeResponse(head, body)).equals(Buffer.concat(encodeResponseChunks(head, body)))).toBe(true);
  });
});
