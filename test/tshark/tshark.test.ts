// tshark reads Kafka's own messages as annotate() does: the same bytes belong to the same fields and mean the same. Two programs
// that know nothing of each other, and a third one that wrote the bytes.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiName } from "../../src/protocol/index.ts";
import { compare, faultOf } from "./compare.ts";
import { type Exchange, exchanges, type Sample } from "./exchanges.ts";
import { type Conversation, writeCapture } from "./pcap.ts";
import type { PdmlPacket } from "./pdml.ts";
import { reach } from "./reach.ts";
import { dissect, isTsharkAvailable, tsharkVersion } from "./tshark-program.ts";

interface Read {
  readonly sample: Sample;
  readonly packet: PdmlPacket | undefined;
}

let reads: readonly Read[] = [];
let misreads: readonly Read[] = [];
let broken: ReadonlyMap<string, PdmlPacket | undefined> = new Map();
let fields = 0;

const isTshark40 = tsharkVersion()?.startsWith("4.0.") ?? false;

describe.skipIf(!isTsharkAvailable())("tshark agrees with annotate() on the bytes of Apache Kafka's own classes", () => {
  // One run for everything: most of its time is tshark's start.
  beforeAll(() => {
    const all = exchanges();
    const controls = brokenFrames(all);
    const conversations = [...all.map(({ conversation }) => conversation), ...controls.values()];
    const { file, packets } = writeCapture(conversations);
    const dissected = dissect(file);
    const packetOf = (conversation: number, index: number): PdmlPacket | undefined =>
      dissected.get(packets[conversation]?.[index] ?? 0);
    const readsOf = (number: number, samples: readonly Sample[]): readonly Read[] =>
      samples.map((sample) => ({ sample, packet: packetOf(number, sample.index) }));
    reads = all.flatMap(({ samples }, number) => readsOf(number, samples));
    misreads = all.flatMap(({ misread }, number) => readsOf(number, misread));
    broken = new Map([...controls.keys()].map((name, number) => [name, packetOf(all.length + number, 0)]));
  });

  afterAll(() => {
    console.info(`tshark ${tsharkVersion()}: ${fields} fields of ${reads.length} frames agree in place, value and name`);
  });

  test.each([...reach])("%s up to version %i", (api) => {
    const ofApi = reads.filter(({ sample }) => sample.api === api);
    const compared = ofApi.map(({ sample, packet }) => ({ sample, ...compare(sample.bytes, sample.options, packet) }));
    expect(compared.flatMap(({ sample, problems }) => problems.map((problem) => `${sample.title}: ${problem}`))).toEqual([]);
    for (const { fields: count } of compared) fields += count;
    expect(ofApi.length === 0).toBe(UNREADABLE.includes(api));
  });

  // A newer one may do better; then these messages can be taken out of the table.
  test.skipIf(!isTshark40)("tshark 4.0 reads every message wrongly that is left out for that reason", () => {
    const readWell = misreads.filter(({ sample, packet }) => compare(sample.bytes, sample.options, packet).problems.length === 0);
    expect(readWell.map(({ sample }) => sample.title)).toEqual([]);
  });

  test.each(["two bytes too many", "no tag section at the end", "a header of the older form"])(
    "a frame with %s is caught",
    (fault) => {
      expect(faultOf(broken.get(fault), "request")).toMatch(/^tshark says/);
    },
  );

  test("a field that we would place or read otherwise is caught", () => {
    const read = reads.find(({ sample }) => sample.title === "Metadata v9 request TYPICAL");
    if (read === undefined) throw new Error("no such sample");
    const { bytes, options } = read.sample;
    for (let at = bytes.length - 12; at < bytes.length - 4; at++) {
      const other = Uint8Array.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(compare(other, options, read.packet).problems, `with byte ${at} changed on our side`).not.toEqual([]);
    }
  });
});

/** Of these tshark 4.0 reads neither request nor answer; see `stumbles`. */
const UNREADABLE: readonly ApiName[] = ["AlterPartitionReassignments", "ListPartitionReassignments"];

/** Frames that must not pass, made of a good one. */
function brokenFrames(all: readonly Exchange[]): ReadonlyMap<string, Conversation> {
  const good = all.flatMap(({ samples }) => samples).find(({ title }) => title === "Metadata v9 request TYPICAL");
  if (good === undefined) throw new Error("no sample to break");
  const withSize = (bytes: Uint8Array): Uint8Array => {
    const frame = Buffer.from(bytes);
    frame.writeInt32BE(frame.length - 4);
    return frame;
  };
  const clientIdEnd = 4 + 8 + 2 + Math.max(0, Buffer.from(good.bytes).readInt16BE(12));
  const frames = new Map([
    ["two bytes too many", Buffer.concat([good.bytes, Buffer.alloc(2)])],
    ["no tag section at the end", good.bytes.subarray(0, -1)],
    ["a header of the older form", Buffer.concat([good.bytes.subarray(0, clientIdEnd), good.bytes.subarray(clientIdEnd + 1)])],
  ]);
  let port = 50_000;
  return new Map(
    [...frames].map(([name, bytes]) => [name, { port: port++, frames: [{ from: "client", bytes: withSize(bytes) }] }]),
  );
}
