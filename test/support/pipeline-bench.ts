// A connection's pipeline whose other end is the test itself, on a held clock.

import { HeldClock } from "../../src/broker/held-clock.ts";
import { Deadline } from "../../src/client/async/deadline.ts";
import { ask } from "../../src/client/connection/ask.ts";
import type { ConnectionSettings } from "../../src/client/connection/connection-settings.ts";
import type { CorrelationIds } from "../../src/client/connection/correlation-ids.ts";
import { RequestPipeline } from "../../src/client/connection/request-pipeline.ts";
import { ConnectionError, type Outcome, RequestTimeoutError } from "../../src/client/errors.ts";
import { silentTelemetry } from "../../src/client/telemetry/silent.ts";
import { ListGroups } from "../../src/protocol/index.ts";
import { answerFrame, connectionSettings, ScriptedSocket } from "./scripted-socket.ts";

export class PipelineBench {
  readonly clock: HeldClock = new HeldClock();
  readonly pipeline: RequestPipeline;
  readonly socket: ScriptedSocket;

  constructor(settings: Partial<ConnectionSettings> = {}, correlationIds?: CorrelationIds) {
    this.pipeline = new RequestPipeline({
      facts: { connection: 1, broker: "broker:9092", nodeId: 1, lane: "main" },
      settings: { ...connectionSettings, ...settings },
      clock: this.clock,
      telemetry: silentTelemetry,
      ...(correlationIds === undefined ? {} : { correlationIds }),
    });
    this.pipeline.phase = "established";
    this.socket = new ScriptedSocket(this.pipeline.socketReader);
    this.pipeline.attach(this.socket);
  }

  deadline(ms = 60_000, signal?: AbortSignal): Deadline {
    return new Deadline(this.clock, ms, signal);
  }

  ask(deadline: Deadline = this.deadline()): Promise<unknown> {
    return caught(ask(this.pipeline, { api: ListGroups, version: 3, clientId: "test", body: {}, deadline }));
  }

  /** Answers the n-th request that was written. */
  answer(index: number, body: object = {}): void {
    this.socket.give(this.frame(index, body));
  }

  frame(index: number, body: object = {}): Uint8Array {
    return answerFrame(ListGroups, 3, this.socket.requests[index]!.correlationId, body);
  }
}

/** The value, or the error as a value: so that a test may look at it when it likes. */
export function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}

export function outcomeOf(error: unknown): Outcome | undefined {
  return error instanceof ConnectionError || error instanceof RequestTimeoutError ? error.outcome : undefined;
}
