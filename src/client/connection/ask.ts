import { type AnyApi, type Api, type DecodedResponse, type Draft, decodeResponse, encodeRequest } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { RequestPipeline } from "./request-pipeline.ts";

export interface Question<Request, Response> {
  readonly api: Api<Request, Response>;
  readonly version: number;
  readonly clientId: string;
  readonly body: Draft<Request>;
  readonly deadline: Deadline;
  readonly timeoutMs?: number | undefined;
}

/** Sends a request and decodes its answer. */
export function ask<Request, Response>(
  pipeline: RequestPipeline,
  question: Question<Request, Response>,
): Promise<DecodedResponse<Response>> {
  const { api, version, deadline, timeoutMs } = question;
  return new Promise((resolve, reject) => {
    pipeline.exchange({
      api,
      version,
      pieces: [encode(question)],
      expectsAnswer: true,
      deadline,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onAnswer: (frame) => {
        const decoded = decodeResponse({ api: untyped(api), version }, frame);
        // Decoded by the layout of this very API.
        resolve(decoded as DecodedResponse<Response>);
        return throttleTimeOf(decoded.body);
      },
      onFailure: reject,
    });
  });
}

/** Sends a request that no broker answers, as Produce with acks 0. Resolves when the kernel has taken it. */
export function tell<Request, Response>(pipeline: RequestPipeline, question: Question<Request, Response>): Promise<void> {
  const { api, version, deadline, timeoutMs } = question;
  return new Promise((resolve, reject) => {
    pipeline.exchange({
      api,
      version,
      pieces: [encode(question)],
      expectsAnswer: false,
      deadline,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onAnswer: () => 0,
      onFailure: reject,
      onReleased: (isSent) => {
        if (isSent) resolve();
      },
    });
  });
}

function encode<Request, Response>({ api, version, clientId, body }: Question<Request, Response>): Uint8Array {
  return encodeRequest({ api: untyped(api), version, correlationId: 0, clientId }, body);
}

function untyped(api: AnyApi): AnyApi {
  return api;
}

function throttleTimeOf(body: unknown): number {
  if (typeof body !== "object" || body === null || !("throttleTimeMs" in body)) return 0;
  return typeof body.throttleTimeMs === "number" ? body.throttleTimeMs : 0;
}
