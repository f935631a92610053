/** Messages: requests, responses, the frames they come in, and their explanation. */
import assert from "node:assert/strict";
import { annotate } from "../../src/protocol/annotate/annotate.ts";
import { type Annotation, leavesOf } from "../../src/protocol/annotate/annotation.ts";
import type { AnyApi } from "../../src/protocol/api/api.ts";
import { apiByKey, apis } from "../../src/protocol/api/apis.ts";
import { FrameSplitter } from "../../src/protocol/frame/frame-splitter.ts";
import { decodeRequest, encodeRequestWithHeader } from "../../src/protocol/frame/request.ts";
import { decodeResponse, encodeResponseWithHeader } from "../../src/protocol/frame/response.ts";
import { decodeAssignment, encodeAssignment } from "../../src/protocol/group/assignment.ts";
import {
  decodeCooperativeStickyUserData,
  decodeStickyUserData,
  encodeStickyUserData,
} from "../../src/protocol/group/sticky-user-data.ts";
import { decodeSubscription, encodeSubscription } from "../../src/protocol/group/subscription.ts";
import { dataFixtures, type MessageFixture, messageFixtures, primitiveFixtures } from "../support/fixtures.ts";
import { mendBatches, recordSeeds } from "./record-bytes.ts";
import { chosen, mendFrameSize, type Target } from "./target.ts";

function frameOf({ hex }: { readonly hex: string }): Buffer {
  const frame = Buffer.from(`00000000${hex}`, "hex");
  mendFrameSize(frame, 0);
  return frame;
}

function seedsOf(kind: "request" | "response"): readonly MessageFixture[] {
  return messageFixtures().filter((it) => it.kind === kind && it.hex.length < 2000 && apiByKey(it.apiKey) !== undefined);
}

/** API and version stand in the first two bytes; what they say always exists. */
function choiceOf(input: Uint8Array): { readonly api: AnyApi; readonly version: number } {
  const api = apis[(input[0] ?? 0) % apis.length]!;
  const [first, last] = api.versions;
  return { api, version: first + ((input[1] ?? 0) % (last - first + 1)) };
}

function choiceFor({ apiKey, version }: MessageFixture): Buffer {
  const index = apis.findIndex(({ key }) => key === apiKey);
  return Buffer.of(index, version - apis[index]!.versions[0]);
}

/** What was read must be written in a form that reads the same. */
function assertStable<T>(value: T, write: (value: T) => Uint8Array, read: (bytes: Uint8Array) => T): void {
  const bytes = write(value);
  assert.deepStrictEqual(write(read(bytes)), bytes);
}

const request: Target = {
  name: "request",
  seeds: () => seedsOf("request").map(frameOf),
  mend: (input) => mendFrameSize(input, 0),
  read: (input) => assertStable(decodeRequest(input), ({ header, body }) => encodeRequestWithHeader(header, body), decodeRequest),
};

const response: Target = {
  name: "response",
  seeds: () => seedsOf("response").map((it) => Buffer.concat([choiceFor(it), frameOf(it)])),
  mend: (input) => mendFrameSize(input, 2),
  read: (input) => {
    const { api, version } = choiceOf(input);
    const read = (bytes: Uint8Array): { version: number; header: { correlationId: number }; body: unknown } =>
      decodeResponse({ api, version }, bytes);
    const first = read(input.subarray(2));
    if (first.version !== version) return;
    assertStable(first, ({ header, body }) => encodeResponseWithHeader({ api, version }, header, body), read);
  },
};

function assertEveryByteOnce(bytes: Uint8Array, tree: Annotation): void {
  let position = 0;
  for (const { start, end, path } of leavesOf(tree)) {
    assert.equal(start, position, path);
    position = end;
  }
  assert.equal(position, bytes.length);
}

/** Their record batches are not looked at by the decoder, only by `annotate`. */
const WITH_RECORDS: ReadonlySet<string> = new Set(["Produce", "Fetch", "ShareFetch"]);

/** To be called when the decoder took the bytes: then there is nothing malformed to show. */
function assertAllUnderstood(tree: Annotation, api: string): void {
  if (WITH_RECORDS.has(api)) return;
  for (const { type, path, note } of leavesOf(tree)) assert.notEqual(type, "malformed", `${path}: ${note}`);
}

const annotatedRequest: Target = {
  name: "annotate-request",
  seeds: request.seeds,
  mend: (input) => mendFrameSize(input, 0),
  read: (input) => {
    const tree = annotate(input, { kind: "request", maxOutputBytes: 1 << 20 });
    assertEveryByteOnce(input, tree);
    assertAllUnderstood(tree, decodeRequest(input).api);
  },
};

const annotatedResponse: Target = {
  name: "annotate-response",
  seeds: response.seeds,
  mend: (input) => mendFrameSize(input, 2),
  read: (input) => {
    const bytes = input.subarray(2);
    const { api, version } = choiceOf(input);
    const tree = annotate(bytes, { kind: "response", api, version, maxOutputBytes: 1 << 20 });
    assertEveryByteOnce(bytes, tree);
    if (decodeResponse({ api, version }, bytes).version === version) assertAllUnderstood(tree, api.name);
  },
};

const annotatedRecords: Target = {
  name: "annotate-records",
  seeds: recordSeeds,
  mend: mendBatches,
  read: (input) => assertEveryByteOnce(input, annotate(input, { kind: "records", maxOutputBytes: 1 << 20 })),
};

const frames: Target = {
  name: "frame-splitter",
  seeds: () => [
    chosen(3, Buffer.from("00000000" + "0000000161" + "00000003010203", "hex")),
    chosen(0, Buffer.from("7fffffff00", "hex")),
  ],
  read: (input) => {
    const size = 1 + (input[0] ?? 0);
    const split = (step: number): string[] => {
      const splitter = new FrameSplitter({ maxFrameBytes: 1 << 16 });
      const got: string[] = [];
      for (let at = 1; at < input.length; at += step)
        for (const frame of splitter.push(input.subarray(at, at + step))) got.push(Buffer.from(frame).toString("hex"));
      splitter.end();
      return got;
    };
    assert.deepStrictEqual(split(size), split(1));
  },
};

const blobReaders: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => assertBlobStable(bytes, decodeSubscription, encodeSubscription),
  (bytes) => assertBlobStable(bytes, decodeAssignment, encodeAssignment),
  (bytes) => assertStable(decodeStickyUserData(bytes), encodeStickyUserData, decodeStickyUserData),
  decodeCooperativeStickyUserData,
];

function assertBlobStable<T>(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => { readonly version: number; readonly value: T },
  write: (value: T, version: number) => Uint8Array,
): void {
  const { version, value } = read(bytes);
  const known = Math.min(version, 3);
  assertStable(
    value,
    (it) => write(it, known),
    (it) => read(it).value,
  );
}

const groupBlobs: Target = {
  name: "group-blobs",
  seeds: () => [
    ...dataFixtures().flatMap(({ message, versionPrefixedHex: hex }) => {
      const choice = ["ConsumerProtocolSubscription", "ConsumerProtocolAssignment"].indexOf(message);
      return choice < 0 || hex === undefined ? [] : [chosen(choice, Buffer.from(hex, "hex"))];
    }),
    ...primitiveFixtures().flatMap((it) =>
      it.type === "assignor-userdata" ? [chosen(it.assignor === "sticky" ? 2 : 3, Buffer.from(it.hex, "hex"))] : [],
    ),
  ],
  read: (input) => blobReaders[(input[0] ?? 0) % blobReaders.length]!(input.subarray(1)),
};

export const messageTargets: readonly Target[] = [
  request,
  response,
  annotatedRequest,
  annotatedResponse,
  annotatedRecords,
  frames,
  groupBlobs,
];
