import { describe, expect, it } from "vitest";
import { messageFixtures } from "../../../test/support/fixtures.ts";
import { ApiVersions } from "../api/api-versions.ts";
import { InvalidValueError } from "../invalid-value-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { unknownTagsOf } from "../wire/unknown-tags.ts";
import { decodeRequest, decodeRequestHeader, encodeRequest, encodeRequestWithHeader } from "./request.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function frame(hex: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(hex.length / 2);
  return Buffer.concat([size, Buffer.from(hex, "hex")]);
}

function refusal(bytes: Uint8Array): MalformedMessageError {
  try {
    decodeRequest(bytes);
  } catch (error) {
    if (error instanceof MalformedMessageError) return error;
    throw error;
  }
  throw new Error("no refusal");
}

describe("a request", () => {
  it("is its size, the header and the body", () => {
    const bytes = encodeRequest(
      { api: "Heartbeat", version: 0, correlationId: 7, clientId: "me" },
      { groupId: "g", generationId: 3 },
    );
    expect(hexOf(bytes)).toBe("00000015" + "000c0000" + "00000007" + "00026d65" + "000167" + "00000003" + "0000");
  });

  it("names no client when none is given", () => {
    expect(hexOf(encodeRequest({ api: 18, version: 0, correlationId: 1 }, {}))).toBe("0000000a" + "00120000" + "00000001" + "ffff");
    expect(decodeRequest(frame("0012000000000001ffff")).clientId).toBeNull();
    expect(decodeRequest(frame("00120000000000010000")).clientId).toBe("");
  });

  it("of a flexible version keeps the two-byte length of the client id, and has tagged fields behind it", () => {
    const head = { api: ApiVersions, version: 3, correlationId: 1, clientId: "me" };
    const bytes = encodeRequest(head, { clientSoftwareName: "kw", clientSoftwareVersion: "1" });
    expect(hexOf(bytes)).toBe("00000013" + "00120003" + "00000001" + "00026d65" + "00" + "036b77" + "0231" + "00");
  });

  it("is decoded with the API and the version that its header names", () => {
    // fixtures/messages.jsonl.gz: ApiVersionsRequest v5 NULLS, written by Apache Kafka.
    const hex =
      "001200053eb784b0ffff0015636c69656e74536f6674776172654e616d652d3118636c69656e74536f66747761726556657273696f6e2d3200000186b600";
    expect(decodeRequest(frame(hex))).toEqual({
      api: "ApiVersions",
      version: 5,
      correlationId: 1052214448,
      clientId: null,
      header: { requestApiKey: 18, requestApiVersion: 5, correlationId: 1052214448, clientId: null },
      body: {
        clientSoftwareName: "clientSoftwareName-1",
        clientSoftwareVersion: "clientSoftwareVersion-2",
        clusterId: null,
        nodeId: 100022,
      },
    });
  });

  it("keeps the unknown tags of header and body", () => {
    const fixture = messageFixtures().find(
      (it) => it.message === "ApiVersionsRequest" && it.version === 3 && it.variant === "UNKNOWN_TAGS",
    )!;
    const { header, body } = decodeRequest(frame(fixture.hex));
    expect(unknownTagsOf(header)).toEqual([{ tag: 77, data: Buffer.from("hdr") }]);
    expect(hexOf(encodeRequestWithHeader(header, body))).toBe(hexOf(frame(fixture.hex)));
  });
});

describe("a request that we refuse to read", () => {
  it.each<[string, string, Partial<MalformedMessageError>]>([
    ["no size", "000000", { kind: "request", offset: 0 }],
    [
      "fewer bytes than its size says",
      "000000060012000000",
      { kind: "request", offset: 0, problem: "the frame says 6 bytes, 5 are there" },
    ],
    [
      "more bytes than its size says",
      "000000030012000000",
      { kind: "request", offset: 0, problem: "the frame says 3 bytes, 5 are there" },
    ],
    ["a negative size", "ffffffff", { kind: "request", offset: 0 }],
    ["no version", "000000020012", { kind: "request", offset: 4 }],
    ["an API that nobody knows", "0000000401ff0000", { kind: "request", offset: 4, problem: "no API has the key 511" }],
    ["a version that we do not know", "0000000400120006", { api: "ApiVersions", kind: "request", offset: 6 }],
    ["a negative version", "000000040012ffff", { api: "ApiVersions", kind: "request", offset: 6 }],
    ["a header cut off", "000000060012000000", { kind: "request" }],
  ])("has %s", (_name, hex, expected) => {
    expect(refusal(Buffer.from(hex, "hex"))).toMatchObject(expected);
  });

  it("says API, version, kind, path and offset", () => {
    // Metadata v12 with one topic whose name claims 99 bytes.
    const error = refusal(frame(`0003000c00000001ffff0002${"00".repeat(16)}6461`));
    expect(error).toMatchObject({ api: "Metadata", version: 12, kind: "request", path: "topics[0].name", offset: 32 });
    expect(error.message).toBe("Metadata v12 request, field topics[0].name, byte 32: a length of 99 where at most 1 fit");
    expect(error).toMatchObject({ code: "MALFORMED_MESSAGE", retriable: false, name: "MalformedMessageError" });
  });

  it("says which field of the header is wrong", () => {
    expect(refusal(frame("0003000c000000010005"))).toMatchObject({ api: "Metadata", path: "clientId", offset: 12 });
  });

  it("has bytes behind its last field", () => {
    expect(refusal(frame("0012000000000001ffff00"))).toMatchObject({
      api: "ApiVersions",
      problem: "1 bytes are left over",
      offset: 14,
    });
  });
});

describe("a request that we refuse to write", () => {
  const head = { api: "Metadata", version: 9, correlationId: 1 } as const;

  it("has a value of the wrong type: the error names its path", () => {
    const topics: unknown = [{ name: "a" }, { name: 5 }];
    const body = { topics: topics as readonly { readonly name: string }[] };
    expect(() => encodeRequest(head, body)).toThrow(
      expect.objectContaining({
        name: "InvalidValueError",
        code: "INVALID_VALUE",
        path: "topics[1].name",
        problem: "5 is not a string",
      }),
    );
    expect(() => encodeRequest(head, body)).toThrow(InvalidValueError);
  });

  it("has a value that its version lacks: the error names API, version and path", () => {
    const write = (): unknown => encodeRequest({ api: "FindCoordinator", version: 0, correlationId: 1 }, { key: "k", keyType: 1 });
    expect(write).toThrow(
      expect.objectContaining({ api: "FindCoordinator", version: 0, path: "keyType", code: "UNSUPPORTED_VERSION" }),
    );
    expect(write).toThrow(UnsupportedVersionError);
  });

  it("has a null where its version allows none", () => {
    expect(() => encodeRequest({ ...head, version: 0 }, { topics: null })).toThrow(
      expect.objectContaining({ api: "Metadata", version: 0, path: "topics", problem: "may be null only from version 1 on" }),
    );
  });

  it("drops a value that is ignorable in a version that lacks it", () => {
    expect(hexOf(encodeRequest({ api: "ApiVersions", version: 0, correlationId: 1 }, { clientSoftwareName: "kw" }))).toBe(
      "0000000a00120000" + "00000001" + "ffff",
    );
  });

  it("is of an API or a version that we do not know", () => {
    expect(() => encodeRequest({ ...head, version: 14 }, {})).toThrow("Metadata v14: only versions 0 to 13 are known");
    expect(() => encodeRequest({ ...head, version: -1 }, {})).toThrow(UnsupportedVersionError);
    expect(() => encodeRequest({ ...head, version: 1.5 }, {})).toThrow(UnsupportedVersionError);
    expect(() => encodeRequest({ ...head, api: 511 }, {})).toThrow("no API '511' is known");
  });

  it("leaves no trace in the next one", () => {
    const good = (): string => hexOf(encodeRequest(head, { topics: [{ name: "t" }] }));
    const expected = good();
    expect(() => encodeRequest(head, { topics: [{ name: "t".repeat(40_000) }] })).toThrow(InvalidValueError);
    expect(good()).toBe(expected);
  });

  it("does not share memory with the next one", () => {
    const first = encodeRequest(head, { topics: [{ name: "a" }] });
    const before = hexOf(first);
    encodeRequest(head, { topics: [{ name: "b" }] });
    expect(hexOf(first)).toBe(before);
    expect(first.buffer.byteLength).toBe(first.length);
  });
});

describe("encoding while encoding", () => {
  it("does not mix the bytes of two messages, when reading a field of one encodes the other", () => {
    const heartbeat = (groupId: string): Uint8Array =>
      encodeRequest({ api: "Heartbeat", version: 0, correlationId: 2 }, { groupId });
    const body = {
      get groupId(): string {
        heartbeat("inner");
        return "outer";
      },
    };
    const nested = encodeRequest({ api: "Heartbeat", version: 0, correlationId: 2 }, body);
    expect(Buffer.from(nested).toString("hex")).toBe(Buffer.from(heartbeat("outer")).toString("hex"));
  });
});

describe("the header alone", () => {
  it("is read of a version that nobody knows, so that a broker can answer it (KIP-511)", () => {
    // ApiVersions v99, correlation id 5, client "me", tagged fields and a body that only the future can read.
    const header = decodeRequestHeader(frame("0012006300000005" + "00026d65" + "00" + "ffffffff"));
    expect(header).toEqual({ requestApiKey: 18, requestApiVersion: 99, correlationId: 5, clientId: "me" });
  });

  it("is read of an API that nobody knows", () => {
    expect(decodeRequestHeader(frame("7fff000000000001ffff"))).toEqual({
      requestApiKey: 0x7fff,
      requestApiVersion: 0,
      correlationId: 1,
      clientId: null,
    });
  });

  it("is refused where it is cut off", () => {
    expect(() => decodeRequestHeader(frame("0012006300000005000a6d65"))).toThrow(MalformedMessageError);
    expect(() => decodeRequestHeader(frame("001200"))).toThrow(MalformedMessageError);
  });
});

describe("bytes behind a request", () => {
  // Metadata v13 for all topics, and two bytes too many.
  const surplus = frame("0003000d00000001" + "ffff" + "00" + "00" + "01" + "00" + "00" + "0000");

  it("are refused", () => {
    expect(() => decodeRequest(surplus)).toThrow("2 bytes are left over");
  });

  it("are nothing to whoever asks for that, as a broker must", () => {
    expect(decodeRequest(surplus, { ignoreTrailingBytes: true }).body).toMatchObject({
      topics: null,
      allowAutoTopicCreation: true,
    });
    expect(() => decodeRequest(surplus.subarray(0, 14), { ignoreTrailingBytes: true })).toThrow(MalformedMessageError);
  });
});

describe("integers that no number holds exactly", () => {
  const head = { api: "ListOffsets", version: 7, correlationId: 1 } as const;
  const frame = encodeRequest(head, { topics: [{ name: "t", partitions: [{ partitionIndex: 0, timestamp: 5 }] }] });
  const at = Buffer.from(frame).indexOf(Buffer.from("0000000000000005", "hex"));
  const asking = (hex: string): Uint8Array => {
    const bytes = Buffer.from(frame);
    bytes.write(hex, at, "hex");
    return bytes;
  };

  it("are refused", () => {
    expect(() => decodeRequest(asking("7fffffffffffffff"))).toThrow(/topics\[0\]\.partitions\[0\]\.timestamp/);
  });

  it.each([
    ["7fffffffffffffff", Number.MAX_SAFE_INTEGER],
    ["8000000000000000", -Number.MAX_SAFE_INTEGER],
    ["001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["fffffffffffffffe", -2],
  ])("are the nearest that one holds to whoever asks for that, as a broker must: %s", (hex, timestamp) => {
    expect(decodeRequest(asking(hex), { nearestIntegers: true }).body).toMatchObject({ topics: [{ partitions: [{ timestamp }] }] });
  });
});
