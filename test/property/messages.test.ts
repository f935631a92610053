/** Properties of every message of every API, for values that nobody thought of. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { it, describe as suite } from "vitest";
import { apis } from "../../src/protocol/api/apis.ts";
import { FrameSplitter } from "../../src/protocol/frame/frame-splitter.ts";
import { MalformedMessageError } from "../../src/protocol/malformed-message-error.ts";
import { arbitraryMessage, everyMessage, type Message, type MessageKind, nameOf } from "./arbitrary-message.ts";
import { decode, decodeOrRefuse, encode, resealed } from "./message-frame.ts";
import { patience, runs } from "./runs.ts";

/** Tries a property for each version of both messages of an API. */
function forEach(messages: readonly MessageKind[], times: number, check: (message: Message) => void): void {
  for (const message of messages) {
    try {
      fc.assert(fc.property(arbitraryMessage(message), check), runs(times));
    } catch (error) {
      throw new Error(`${nameOf(message)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

suite.each(apis.map((api) => [api.name, everyMessage.filter((it) => it.api === api)] as const))(
  "any message of %s",
  (_name, messages) => {
    it("reads as it was written, and is written again with the same bytes", () => {
      forEach(messages, 6, (message) => {
        const frame = encode(message);
        const { header, body, version } = decode(message, frame);
        assert.equal(version, message.version);
        assert.deepStrictEqual({ header, body }, { header: message.header, body: message.body });
        assert.deepStrictEqual(encode({ ...message, header: { ...header }, body }), frame);
      });
    });

    it("is refused when it is cut off anywhere", () => {
      forEach(messages, 1, (message) => {
        const frame = encode(message);
        for (let length = 0; length < frame.length; length += length < 200 ? 1 : 1 + (length % 61)) {
          const decoded = decodeOrRefuse(message, resealed(frame, length));
          // KIP-511: an ApiVersions answer with error 35 may be read as version 0, which is shorter.
          if (!(decoded instanceof MalformedMessageError)) assert.notEqual(decoded.version, message.version, `${length} bytes`);
        }
      });
    });

    it("is refused when anything follows it", () => {
      forEach(messages, 2, (message) => {
        const frame = encode(message);
        for (const extra of [1, 7]) {
          const error = decodeOrRefuse(message, resealed(frame, frame.length + extra));
          assert(error instanceof MalformedMessageError, "was read");
          assert.match(error.problem, new RegExp(`^${extra} bytes are left over$`));
          assert.equal(error.offset, frame.length);
        }
      });
    });
  },
);

const anyMessage = fc.constantFrom(...everyMessage).chain(arbitraryMessage);

suite("any stream of messages", () => {
  it("comes apart in the same frames, however it is cut into chunks", patience, () => {
    const cuts = fc.array(fc.nat(), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 4 }), cuts, fc.boolean(), (messages, at, byteByByte) => {
        const frames = messages.map((message) => Buffer.from(encode(message)));
        const stream = Buffer.concat(frames);
        const places = byteByByte
          ? Array.from(stream.keys())
          : at.map((cut) => cut % (stream.length + 1)).toSorted((one, other) => one - other);
        const splitter = new FrameSplitter();
        const chunks = [0, ...places].map((start, i) => stream.subarray(start, places[i] ?? stream.length));
        const got = chunks.flatMap((chunk) => splitter.push(chunk)).map((frame) => Buffer.from(frame).toString("hex"));
        splitter.end();
        assert.deepStrictEqual(
          got,
          frames.map((frame) => frame.toString("hex")),
        );
      }),
      runs(150),
    );
  });
});
