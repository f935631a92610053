import { annotatedHex } from "../../src/cli/annotated-hex.ts";
import { type AnnotateOptions, type Annotation, type AnyApi, annotate } from "../../src/protocol/index.ts";
import { type MessageFixture, messageFixtures } from "../../test/support/fixtures.ts";
import { codeBlock } from "./markdown.ts";

const FRAME_PREFIX = 4;
/** A frame beyond this does not explain a layout any better. */
const MAX_EXAMPLE_BYTES = 170;
/** A message of nulls below this hardly shows anything but its header. */
const MIN_BYTES_OF_NULLS = 40;

/** Control characters, among them those that turn the direction of text, and marks that would sit on a quote. */
const UNPRINTABLE = /[\p{C}\p{M}\u2028\u2029]/gu;

export interface MessageExample {
  readonly version: number;
  readonly frameBytes: number;
  readonly annotatedHex: string;
}

const fixtures = messageFixtures();

/** Bytes that Kafka wrote, at the newest version that clients choose; undefined when its examples are all too long. */
export function messageExample(api: AnyApi, kind: "request" | "response"): MessageExample | undefined {
  const version = api.clientVersions[1];
  const fitting = fixtures.filter(
    (one) => one.apiKey === api.key && one.kind === kind && one.version === version && frameBytes(one) <= MAX_EXAMPLE_BYTES,
  );
  const variant = (name: string, atLeast = 0): MessageFixture | undefined =>
    fitting.find((one) => one.variant === name && frameBytes(one) >= atLeast);
  const chosen = variant("TYPICAL") ?? variant("NULLS", MIN_BYTES_OF_NULLS) ?? variant("MAX") ?? variant("NULLS");
  if (chosen === undefined) return undefined;
  return { version, frameBytes: frameBytes(chosen), annotatedHex: explained(frameOf(chosen), { kind, api, version }) };
}

function frameBytes({ hex }: MessageFixture): number {
  return FRAME_PREFIX + hex.length / 2;
}

function frameOf({ hex }: MessageFixture): Uint8Array {
  const message = Buffer.from(hex, "hex");
  const frame = Buffer.alloc(FRAME_PREFIX + message.length);
  frame.writeInt32BE(message.length);
  message.copy(frame, FRAME_PREFIX);
  return frame;
}

/** A code block with the bytes on the left and what they are on the right; of a part only, when `pick` finds one. */
export function explained(
  bytes: Uint8Array,
  options: AnnotateOptions,
  pick?: (annotation: Annotation) => Annotation | undefined,
): string {
  const whole = annotate(bytes, options);
  const picked = pick?.(whole);
  const shown = picked === undefined ? whole : { ...whole, children: [picked] };
  return codeBlock(annotatedHex(bytes, shortened(shown), { write: () => undefined, isTerminal: false }));
}

/** Notes that the README gives once and for all are cut to a word; what a page cannot show of a text becomes dots. */
function shortened(annotation: Annotation): Annotation {
  const { children, note, value } = annotation;
  return {
    ...annotation,
    value: typeof value === "string" ? value.replace(UNPRINTABLE, "·") : value,
    ...(children === undefined ? {} : { children: children.map(shortened) }),
    ...(note === undefined ? {} : { note: shortNote(note, annotation) }),
  };
}

function shortNote(note: string, { name, value }: Annotation): string {
  if (/errorCode$/i.test(name)) return note.replace(/:.*/, "");
  const [, sentinel, meaning] = /^(-\d+): (.*)$/.exec(note) ?? [];
  if (sentinel !== undefined && meaning !== undefined) return String(value) === sentinel ? meaning : "";
  return note.replace(/^(\d+), written as one more.*/, "$1, plus one");
}
