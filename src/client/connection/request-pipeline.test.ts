import { describe, expect, it, vi } from "vitest";
import { caught, outcomeOf, PipelineBench } from "../../../test/support/pipeline-bench.ts";
import { answerFrame, connectionSettings, ScriptedSocket } from "../../../test/support/scripted-socket.ts";
import { HeldClock } from "../../broker/held-clock.ts";
import { Heartbeat, ListGroups, MalformedMessageError, Metadata, Produce } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { ClosedError } from "../errors.ts";
import { silentTelemetry } from "../telemetry/silent.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { ask, tell } from "./ask.ts";
import { CorrelationIds } from "./correlation-ids.ts";
import { RequestPipeline } from "./request-pipeline.ts";

describe("answers", () => {
  it("go to the requests in their order, several in flight at a time, the others waiting in theirs", async () => {
    const bench = new PipelineBench({ maxInFlightRequests: 2 });
    const answers = [bench.ask(), bench.ask(), bench.ask()];
    expect(bench.socket.frames).toHaveLength(2);
    expect([bench.pipeline.inFlight, bench.pipeline.queued]).toEqual([2, 1]);
    bench.answer(0, { errorCode: 1 });
    expect(bench.socket.frames).toHaveLength(3);
    bench.answer(1, { errorCode: 2 });
    bench.answer(2, { errorCode: 3 });
    const bodies = await Promise.all(answers);
    expect(bodies).toMatchObject([{ body: { errorCode: 1 } }, { body: { errorCode: 2 } }, { body: { errorCode: 3 } }]);
  });

  it("C10: are the same in chunks of any size", async () => {
    for (const chunk of [1, 3, 4, 5, 11]) {
      const bench = new PipelineBench();
      const answers = [bench.ask(), bench.ask()];
      bench.socket.give(new Uint8Array(Buffer.concat([bench.frame(0, { errorCode: 1 }), bench.frame(1, { errorCode: 2 })])), chunk);
      expect(await Promise.all(answers)).toMatchObject([{ body: { errorCode: 1 } }, { body: { errorCode: 2 } }]);
    }
  });

  it("C14: with an unknown correlation id close the connection", async () => {
    const bench = new PipelineBench();
    const failed = bench.ask();
    bench.socket.give(answerFrame(ListGroups, 3, 4711));
    expect(await failed).toMatchObject({ code: "CONNECTION", outcome: "unknown", retriable: true });
    expect(String(await failed)).toContain("the answer to request 0 is due, the answer to 4711 has come");
    expect(bench.pipeline.isOpen).toBe(false);
    expect(bench.socket.isDestroyed).toBe(true);
  });

  it("C17: out of order close the connection", async () => {
    const bench = new PipelineBench();
    const failed = [bench.ask(), bench.ask()];
    bench.answer(1);
    for (const error of await Promise.all(failed)) expect(outcomeOf(error)).toBe("unknown");
  });

  it("C17: that come twice close the connection, whether or not another is due", async () => {
    const bench = new PipelineBench();
    const first = bench.ask();
    bench.socket.give(new Uint8Array(Buffer.concat([bench.frame(0), bench.frame(0)])));
    expect(await first).toMatchObject({ body: { errorCode: 0 } });
    expect(bench.pipeline.end?.error?.message).toContain("that nobody asked for");
  });

  it("C19: that cannot be decoded fail their request with the reason, and close the connection", async () => {
    const bench = new PipelineBench();
    const failed = [bench.ask(), bench.ask()];
    const whole = bench.frame(0);
    const short = whole.slice(0, -1);
    new DataView(short.buffer).setInt32(0, short.length - 4);
    bench.socket.give(short);
    const [first, second] = await Promise.all(failed);
    expect(first).toBeInstanceOf(MalformedMessageError);
    expect(second).toMatchObject({ code: "CONNECTION", outcome: "unknown", cause: first });
    expect(bench.pipeline.isOpen).toBe(false);
  });

  it("C20: with unknown tagged fields are read as if those were not there", async () => {
    const bench = new PipelineBench();
    const answer = bench.ask();
    const plain = bench.frame(0, { errorCode: 5 });
    // The last byte is the number of tagged fields of the body: one, of number 99, with two bytes.
    const tagged = new Uint8Array([...plain.subarray(0, -1), 1, 99, 2, 0xab, 0xcd]);
    new DataView(tagged.buffer).setInt32(0, tagged.length - 4);
    bench.socket.give(tagged);
    expect(await answer).toMatchObject({ body: { errorCode: 5 } });
    expect(bench.pipeline.isOpen).toBe(true);
  });
});

describe("when the other side goes", () => {
  it("C5: between answers, all requests in flight fail retriably with one cause, and what was not written as not sent", async () => {
    const bench = new PipelineBench({ maxInFlightRequests: 2 });
    const failed = [bench.ask(), bench.ask(), bench.ask()];
    bench.socket.hangUp();
    const errors = await Promise.all(failed);
    expect(errors.map(outcomeOf)).toEqual(["unknown", "unknown", "not sent"]);
    expect(errors).toMatchObject([{ retriable: true }, { retriable: true }, { retriable: true }]);
    const causes = errors.map((error) => error instanceof Error && error.cause);
    expect(new Set(causes).size).toBe(1);
    expect(String(errors[0])).toContain("broker broker:9092: the broker closed the connection");
  });

  it("C6: within an answer, it is the same, and says how much had come", async () => {
    const bench = new PipelineBench();
    const failed = bench.ask();
    bench.socket.give(bench.frame(0).subarray(0, 7));
    bench.socket.hangUp();
    expect(await failed).toMatchObject({ code: "CONNECTION", retriable: true, outcome: "unknown" });
    expect(String(await failed)).toContain("within an answer, of which 7 bytes had come");
  });

  it("C7: with a reset or a broken pipe, it is the same, with the machine's error among the causes", async () => {
    const bench = new PipelineBench();
    const failed = bench.ask();
    const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    bench.socket.hangUp(reset);
    const error = await failed;
    expect(error).toMatchObject({ code: "CONNECTION", retriable: true, outcome: "unknown", cause: { cause: reset } });
  });

  it("C23: while nothing is asked, nothing is wrong; a request that comes too late was not sent", async () => {
    const bench = new PipelineBench();
    const answer = bench.ask();
    bench.answer(0);
    await answer;
    bench.socket.hangUp();
    expect(bench.pipeline.end).toEqual({ reason: "closed by the broker", error: undefined, by: "broker" });
    expect(await bench.ask()).toMatchObject({ code: "CONNECTION", outcome: "not sent", retriable: true });
    expect(bench.socket.frames).toHaveLength(1);
  });
});

describe("a request that no broker answers", () => {
  const say = (bench: PipelineBench, ms = 60_000): Promise<unknown> =>
    caught(tell(bench.pipeline, { api: Produce, version: 9, clientId: "test", body: { acks: 0 }, deadline: bench.deadline(ms) }));

  it("is done when the kernel has it, and takes nobody's answer", async () => {
    const bench = new PipelineBench({ maxInFlightRequests: 1 });
    const answer = bench.ask();
    bench.answer(0);
    expect(await say(bench)).toBeUndefined();
    expect(await answer).toMatchObject({ body: {} });
    expect(bench.pipeline.inFlight).toBe(0);
    expect(bench.pipeline.isOpen).toBe(true);
  });

  it("has an unknown outcome when the socket went while the kernel took it", async () => {
    const bench = new PipelineBench();
    bench.socket.takesAtOnce = false;
    const failed = say(bench);
    bench.socket.hangUp(new Error("write EPIPE"));
    expect(await failed).toMatchObject({ code: "CONNECTION", outcome: "unknown" });
  });

  it("that the kernel does not take in time closes the connection", async () => {
    const bench = new PipelineBench({ requestTimeoutMs: 500 });
    bench.socket.takesAtOnce = false;
    const failed = say(bench, 60_000);
    await bench.clock.advance(500);
    expect(await failed).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "unknown" });
    expect(bench.pipeline.isOpen).toBe(false);
  });
});

it("an answer that comes after its caller has gone is given to nobody, and the next to whom it belongs", async () => {
  const bench = new PipelineBench();
  const controller = new AbortController();
  const told: string[] = [];
  const exchange = (name: string, deadline: Deadline): void =>
    bench.pipeline.exchange({
      api: Metadata,
      version: 12,
      pieces: [new Uint8Array(12)],
      expectsAnswer: true,
      deadline,
      onAnswer: () => {
        told.push(`${name} answered`);
        return 0;
      },
      onFailure: (error) => told.push(`${name} ${error.message}`),
    });
  exchange("first", bench.deadline(60_000, controller.signal));
  exchange("second", bench.deadline());
  controller.abort(new Error("given up"));
  bench.socket.give(answerFrame(Metadata, 12, 0));
  bench.socket.give(answerFrame(Metadata, 12, 1));
  expect(told).toEqual(["first given up", "second answered"]);
  expect(bench.pipeline.isOpen).toBe(true);
});

describe("the memory of a request's pieces", () => {
  it("is released once, when the kernel has it, and in whole frames of several pieces", async () => {
    const bench = new PipelineBench();
    bench.socket.takesAtOnce = false;
    const onReleased = vi.fn<(isSent: boolean) => void>();
    const frames: Uint8Array[] = [];
    const pieces = [new Uint8Array(12), new Uint8Array(3).fill(1), new Uint8Array(5).fill(2)];
    bench.pipeline.exchange({
      api: Metadata,
      version: 12,
      pieces,
      expectsAnswer: true,
      deadline: bench.deadline(),
      onAnswer: (frame) => frames.push(frame) - 1,
      onFailure: () => undefined,
      onReleased,
    });
    expect(bench.socket.frames[0]).toHaveLength(20);
    expect(onReleased).not.toHaveBeenCalled();
    bench.socket.takeAll();
    expect(onReleased).toHaveBeenCalledExactlyOnceWith(true);
    const answer = answerFrame(Metadata, 12, 0);
    bench.socket.give(answer);
    expect(frames).toEqual([answer]);
  });

  it("is released when the connection is closed before they were written, and before the failure is told", async () => {
    const bench = new PipelineBench({ maxInFlightRequests: 1 });
    void bench.ask();
    const told: unknown[] = [];
    bench.pipeline.exchange({
      api: Metadata,
      version: 12,
      pieces: [new Uint8Array(12)],
      expectsAnswer: true,
      deadline: bench.deadline(),
      onAnswer: () => 0,
      onFailure: (_error, outcome) => told.push(outcome),
      onReleased: (isSent) => told.push(isSent),
    });
    expect(bench.pipeline.queued).toBe(1);
    bench.pipeline.close(new ClosedError("the test"));
    expect(told).toEqual([false, "not sent"]);
  });
});

it("what happens to requests is reported, also of those that were given up", async () => {
  const clock = new HeldClock();
  const events: unknown[] = [];
  const facts = { connection: 1, broker: "broker:9092", nodeId: 1, lane: "main" };
  const telemetry: Telemetry = {
    ...silentTelemetry,
    requestSent: (_connection, request) => events.push(["sent", request]),
    responseReceived: (_connection, request, it) => events.push(["answered", request.correlationId, it]),
    requestFailed: (_connection, request, it) => events.push(["failed", request.correlationId, it.durationMs, it.error.message]),
    disconnected: (_connection, it) => events.push(["disconnected", it.reason, it.inFlight]),
  };
  const pipeline = new RequestPipeline({ facts, settings: connectionSettings, clock, telemetry });
  pipeline.phase = "established";
  const socket = new ScriptedSocket(pipeline.socketReader);
  pipeline.attach(socket);
  const question = { api: Heartbeat, version: 4, clientId: "test", body: {}, deadline: new Deadline(clock, 60_000) };
  const answer = ask(pipeline, question);
  await clock.advance(25);
  socket.give(answerFrame(Heartbeat, 4, 0, { throttleTimeMs: 3 }));
  await answer;
  await clock.advance(3);
  const failed = caught(ask(pipeline, question));
  await clock.advance(10);
  socket.hangUp(new Error("read ECONNRESET"));
  await failed;
  const request = { api: "Heartbeat", version: 4, requestBytes: socket.frames[0]!.length };
  expect(events).toEqual([
    ["sent", { ...request, correlationId: 0 }],
    ["answered", 0, { responseBytes: 16, durationMs: 25, throttleMs: 3 }],
    ["sent", { ...request, correlationId: 1 }],
    ["disconnected", "the connection broke: read ECONNRESET", 1],
    ["failed", 1, 10, "broker broker:9092: the connection broke: read ECONNRESET"],
  ]);
});

describe("closing", () => {
  it("fails what was not written with the reason, and what was with an unknown outcome; a second time it does nothing", async () => {
    const bench = new PipelineBench({ maxInFlightRequests: 1 });
    const failed = [bench.ask(), bench.ask()];
    const reason = new ClosedError("the client");
    bench.pipeline.close(reason);
    bench.pipeline.close(new Error("again"));
    const [sent, unsent] = await Promise.all(failed);
    expect(sent).toMatchObject({ code: "CLOSED", outcome: "unknown" });
    expect(unsent).toBe(reason);
    expect(bench.clock.pendingTimers).toBe(0);
    expect(bench.socket.isDestroyed).toBe(true);
  });

  it("tells its listeners once, those that come later too", async () => {
    const bench = new PipelineBench();
    const early = vi.fn<() => void>();
    const late = vi.fn<() => void>();
    bench.pipeline.onClose(early);
    bench.pipeline.poison(new Error("broken"));
    bench.pipeline.onClose(late);
    await bench.clock.advance(1);
    expect(early).toHaveBeenCalledTimes(1);
    expect(late).toHaveBeenCalledTimes(1);
  });

  it("of a socket that is gone before it could be used leaves nothing", () => {
    const clock = new HeldClock();
    const facts = { connection: 1, broker: "broker:9092", nodeId: 1, lane: "main" };
    const pipeline = new RequestPipeline({ facts, settings: connectionSettings, clock, telemetry: silentTelemetry });
    const socket = new ScriptedSocket(pipeline.socketReader);
    socket.reader.onClose(new Error("read ECONNRESET"));
    pipeline.attach(socket);
    expect(socket.isDestroyed).toBe(true);
    expect(pipeline.isOpen).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

it("C18: correlation ids begin again before those that Java reserves, and stay unique among what is in flight", async () => {
  const bench = new PipelineBench({}, new CorrelationIds(0x7fff_ffff - 9));
  const answers = [bench.ask(), bench.ask(), bench.ask(), bench.ask()];
  expect(bench.socket.requests.map(({ correlationId }) => correlationId)).toEqual([0x7fff_ffff - 9, 0x7fff_ffff - 8, 0, 1]);
  for (const index of answers.keys()) bench.answer(index);
  await Promise.all(answers);
});
