import { type AnyApi, isFlexible, requestHeaderVersion, responseHeaderVersion } from "../api/api.ts";
import { type ApiReference, checkFrame, FRAME_PREFIX, resolveApi } from "../frame/frame.ts";
import { FLEXIBLE_REQUEST_HEADER, FLEXIBLE_RESPONSE_HEADER, requestHeader, responseHeader } from "../frame/headers.ts";
import { peekRequest } from "../frame/request.ts";
import { versionOfResponse } from "../frame/response.ts";
import { KafkaError } from "../kafka-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { FieldTrace } from "../wire/field-trace.ts";
import type { Layout } from "../wire/wire.ts";
import type { Annotation } from "./annotation.ts";
import { AnnotationList, withoutGaps } from "./annotation-list.ts";
import { type ExplainOptions, explainRecords, unfoldingFor } from "./explain-records.ts";
import { type ExplainRecords, Recorder } from "./recorder.ts";

/** What the bytes are. A request says so itself; for a response, somebody has to remember what it answers. */
export interface AnnotateOptions extends ExplainOptions {
  readonly kind: "request" | "response" | "records";
  /** Needed for a response. */
  readonly api?: ApiReference;
  /** Needed for a response. */
  readonly version?: number;
}

/**
 * Says of every byte what it is: a tree whose leaves cover all of `bytes` exactly once. Frames are whole, with their four-byte
 * size; `records` are record batches. Malformed input gives the tree up to the place where it stops making sense, and the rest
 * as one leaf of type `malformed` whose note says why.
 */
export function annotate(bytes: Uint8Array, options: AnnotateOptions): Annotation {
  const unfolding = unfoldingFor(options);
  const explain: ExplainRecords = (...records) => explainRecords(unfolding, ...records);
  const list = new AnnotationList();
  let problem: string | undefined;
  let name: string = options.kind;
  try {
    if (options.kind === "records") explain(bytes, 0, bytes.length, "", list);
    else name = annotateFrame(bytes, options, list, explain);
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    problem = error.message;
  }
  const children = withoutGaps(list.sorted(), 0, bytes.length, "", problem);
  return { path: "", name, type: options.kind, start: 0, end: bytes.length, value: undefined, children };
}

function annotateFrame(frame: Uint8Array, options: AnnotateOptions, list: AnnotationList, explain: ExplainRecords): string {
  const isRequest = options.kind === "request";
  checkFrame(frame, { kind: options.kind });
  const size = { name: "size", path: "size", type: "int32", note: "of everything after it" };
  list.leaf(size, 0, FRAME_PREFIX, frame.length - FRAME_PREFIX);
  const { api, version } = isRequest ? peekRequest(frame) : answered(options, frame);
  const part = (name: string, layout: Layout<unknown>, at: { version: number; flexible: boolean; start: number }): number => {
    const trace = new FieldTrace();
    const recorder = new Recorder(list, explain, trace, frame, at.version, at.flexible, at.start);
    trace.within(name, () => recorder.struct(undefined, layout));
    return recorder.position;
  };
  const bodyStart = part("header", isRequest ? requestHeader : responseHeader, {
    ...headerForm(api, version, isRequest),
    start: FRAME_PREFIX,
  });
  const body = isRequest ? api.request : api.response;
  const end = part("body", body, { version, flexible: isFlexible(api, version), start: bodyStart });
  if (end < frame.length) throw new MalformedMessageError(`${frame.length - end} bytes are left over`, { offset: end });
  return `${api.name} ${options.kind} v${version}`;
}

function answered({ api, version }: AnnotateOptions, frame: Uint8Array): { api: AnyApi; version: number } {
  if (api === undefined || version === undefined) throw new MissingContextError();
  return { api: resolveApi(api, version), version: versionOfResponse(resolveApi(api, version), version, frame) };
}

function headerForm(api: AnyApi, version: number, isRequest: boolean): { version: number; flexible: boolean } {
  const header = isRequest ? requestHeaderVersion(api, version) : responseHeaderVersion(api, version);
  return { version: header, flexible: header >= (isRequest ? FLEXIBLE_REQUEST_HEADER : FLEXIBLE_RESPONSE_HEADER) };
}

/** A response was to be annotated without saying what it answers. */
class MissingContextError extends KafkaError {
  override readonly code = "MISSING_CONTEXT";
  override readonly retriable = false;

  constructor() {
    super("a response does not say what it answers: pass { api, version } of its request");
  }
}
