// Kafka's own messages as conversations, so that neither side of the comparison comes from our encoder.

import { type AnnotateOptions, encodeRequest } from "../../src/protocol/index.ts";
import { type MessageFixture, messageFixtures, oldMessageFixtures } from "../support/fixtures.ts";
import type { Conversation } from "./pcap.ts";
import { reach, stumbleOver } from "./reach.ts";

const FRAME_PREFIX = 4;
const FIRST_PORT = 20_000;
const FIRST_PORT_ALONE = 30_000;

/** A frame that tshark is to read as we do. */
export interface Sample {
  readonly api: string;
  /** For people. */
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly options: AnnotateOptions;
  /** Its place in the conversation. */
  readonly index: number;
  /** Undefined for a message of ours. */
  readonly fixture?: MessageFixture;
}

/** A conversation, and those of its frames that are compared; the others only make the others readable. */
export interface Exchange {
  readonly conversation: Conversation;
  readonly samples: readonly Sample[];
  /** Frames that tshark is known to read wrongly. */
  readonly misread: readonly Sample[];
}

export function exchanges(): readonly Exchange[] {
  const fixtures = [...messageFixtures(), ...oldMessageFixtures()].filter(isInReach);
  const requests = fixtures.filter(({ kind }) => kind === "request");
  const responses = new Map(fixtures.filter(({ kind }) => kind === "response").map((it) => [keyOf(it), it]));
  return requests.flatMap((request, number) => {
    const response = responses.get(keyOf(request));
    if (response === undefined) throw new Error(`no response fixture for ${titleOf(request)}`);
    if (stumbleOver(request) === undefined) return [answered(request, response, number)];
    const standIn = standInFor(request, requests);
    return standIn === undefined
      ? [answered(request, response, number)]
      : [answered(standIn, response, number), alone(request, number)];
  });
}

function answered(request: MessageFixture | OwnRequest, response: MessageFixture, number: number): Exchange {
  const asked = "hex" in request ? sampleOf(request, number) : ownSample(request, number);
  const answer = { ...sampleOf(response, number), index: 1 };
  const frames = [{ from: "client", bytes: asked.bytes } as const, { from: "broker", bytes: answer.bytes } as const];
  const isMisread = ({ fixture }: Sample): boolean => fixture !== undefined && stumbleOver(fixture) !== undefined;
  // A stand-in is compared in its own conversation, one of ours in the first that needs it.
  const isCompared = asked.fixture === undefined ? response.variant === "TYPICAL" : asked.fixture.variant === response.variant;
  const both = isCompared ? [asked, answer] : [answer];
  return {
    conversation: { port: FIRST_PORT + number, frames },
    samples: both.filter((sample) => !isMisread(sample)),
    misread: both.filter(isMisread),
  };
}

function alone(request: MessageFixture, number: number): Exchange {
  const sample = sampleOf(request, number);
  const frames = [{ from: "client", bytes: sample.bytes } as const];
  return { conversation: { port: FIRST_PORT_ALONE + number, frames }, samples: [], misread: [sample] };
}

/** A request that none of Kafka's own can replace. */
interface OwnRequest {
  readonly version: number;
}

/** tshark needs the request to read the answer: where it cannot read this one, another of the same version has to do. */
function standInFor(
  { name, apiKey, version }: MessageFixture,
  requests: readonly MessageFixture[],
): MessageFixture | OwnRequest | undefined {
  const other = requests.find((it) => it.apiKey === apiKey && it.version === version && stumbleOver(it) === undefined);
  return other ?? (name === "CreateTopics" ? { version } : undefined);
}

/** A CreateTopics request without the assignments over which tshark stumbles. */
function ownSample({ version }: OwnRequest, number: number): Sample {
  const topics = [
    { name: "a-topic", numPartitions: 3, replicationFactor: 2, configs: [{ name: "cleanup.policy", value: "compact" }] },
  ];
  const head = { api: "CreateTopics", version, correlationId: number, clientId: "ours" } as const;
  const bytes = encodeRequest(head, { topics, timeoutMs: 12_345 });
  return { api: "CreateTopics", title: `CreateTopics v${version} request of ours`, bytes, options: { kind: "request" }, index: 0 };
}

function isInReach({ name, version }: MessageFixture): boolean {
  return [...reach].some(([api, last]) => api === name && version <= last);
}

function keyOf({ apiKey, version, variant }: MessageFixture): string {
  return `${apiKey} ${version} ${variant}`;
}

function titleOf({ name, kind, version, variant }: MessageFixture): string {
  return `${name} v${version} ${kind} ${variant}`;
}

/** A fixture's bytes with their size before them, and the correlation id that pairs request and answer. */
function sampleOf(fixture: MessageFixture, correlationId: number): Sample {
  const { name, kind, apiKey, version, hex } = fixture;
  const bytes = Buffer.alloc(FRAME_PREFIX + hex.length / 2);
  bytes.writeInt32BE(hex.length / 2);
  bytes.write(hex, FRAME_PREFIX, "hex");
  bytes.writeInt32BE(correlationId, kind === "request" ? FRAME_PREFIX + 4 : FRAME_PREFIX);
  const options: AnnotateOptions = kind === "request" ? { kind } : { kind, api: apiKey, version };
  return { api: name, title: titleOf(fixture), bytes, options, index: 0, fixture };
}
