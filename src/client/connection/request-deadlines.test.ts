import { describe, expect, it, vi } from "vitest";
import { caught, outcomeOf, PipelineBench } from "../../../test/support/pipeline-bench.ts";
import { answerFrame } from "../../../test/support/scripted-socket.ts";
import { Heartbeat, ListGroups, Produce } from "../../protocol/index.ts";
import { type Outcome, RequestTimeoutError } from "../errors.ts";
import { ask, tell } from "./ask.ts";

describe("time", () => {
  it("C8: a broker that says nothing is given up after the request timeout: the connection is closed", async () => {
    const bench = new PipelineBench();
    const failed = [bench.ask(), bench.ask()];
    await bench.clock.advance(29_999);
    expect(bench.pipeline.isOpen).toBe(true);
    await bench.clock.advance(1);
    const errors = await Promise.all(failed);
    expect(errors).toMatchObject([{ code: "REQUEST_TIMEOUT" }, { code: "REQUEST_TIMEOUT" }]);
    expect(errors.map(outcomeOf)).toEqual(["unknown", "unknown"]);
    expect(bench.socket.isDestroyed).toBe(true);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it("C9: bytes that trickle in do not put the deadline off: it covers the whole answer", async () => {
    const bench = new PipelineBench();
    const failed = bench.ask();
    const slow = bench.frame(0, { groups: Array.from({ length: 20 }, () => ({ groupId: "group", protocolType: "consumer" })) });
    let sent = 0;
    for (; sent < slow.length && !bench.socket.isDestroyed; sent++) {
      bench.socket.give(slow.subarray(sent, sent + 1));
      await bench.clock.advance(200);
    }
    expect(sent).toBe(150);
    expect(await failed).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "unknown" });
  });

  it("C15: of a request that timed out nothing is left that a late answer could be mistaken for", async () => {
    const bench = new PipelineBench();
    const first = bench.ask();
    await bench.clock.advance(20_000);
    const second = bench.ask();
    const late = bench.frame(0);
    await bench.clock.advance(10_000);
    bench.socket.give(late);
    expect(await first).toMatchObject({ code: "REQUEST_TIMEOUT", timeoutMs: 30_000, outcome: "unknown" });
    expect(await second).toMatchObject({ code: "CONNECTION", outcome: "unknown", cause: { code: "REQUEST_TIMEOUT" } });
  });

  it("C15: a caller that has less time goes alone: the late answer is dropped in its place, and the others get theirs", async () => {
    const bench = new PipelineBench();
    const hurried = bench.ask(bench.deadline(1000));
    const patient = bench.ask();
    await bench.clock.advance(1000);
    expect(await hurried).toMatchObject({ code: "REQUEST_TIMEOUT", timeoutMs: 1000, outcome: "unknown" });
    expect(bench.pipeline.isOpen).toBe(true);
    expect(bench.pipeline.inFlight).toBe(2);
    bench.answer(0, { groups: [{ groupId: "late", protocolType: "consumer" }] });
    bench.answer(1, { groups: [{ groupId: "timely", protocolType: "consumer" }] });
    expect(await patient).toMatchObject({ body: { groups: [{ groupId: "timely" }] } });
    expect(bench.pipeline.inFlight).toBe(0);
  });

  it("C15: when the late answer never comes, the broker is given up after the request timeout all the same", async () => {
    const bench = new PipelineBench();
    const hurried = bench.ask(bench.deadline(1000));
    await bench.clock.advance(29_999);
    expect(await hurried).toMatchObject({ code: "REQUEST_TIMEOUT" });
    expect(bench.pipeline.isOpen).toBe(true);
    await bench.clock.advance(1);
    expect(bench.pipeline.isOpen).toBe(false);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it("C16: a request that is partly written and times out closes the connection; its memory stays its own until the socket is gone", async () => {
    const bench = new PipelineBench({ requestTimeoutMs: 500 });
    bench.socket.takesAtOnce = false;
    bench.socket.isFree = false;
    const onReleased = vi.fn<(isSent: boolean) => void>();
    const onFailure = vi.fn<(error: Error, outcome: Outcome) => void>();
    bench.pipeline.exchange({
      api: ListGroups,
      version: 3,
      pieces: [new Uint8Array(20)],
      expectsAnswer: true,
      deadline: bench.deadline(),
      onAnswer: () => 0,
      onFailure,
      onReleased,
    });
    await bench.clock.advance(100);
    const behind = bench.ask();
    bench.socket.destroy = () => undefined;
    await bench.clock.advance(400);
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(expect.any(RequestTimeoutError), "unknown");
    expect(bench.socket.frames).toHaveLength(1);
    expect(await behind).toMatchObject({ code: "CONNECTION", outcome: "not sent" });
    expect(onReleased).not.toHaveBeenCalled();
    bench.socket.hangUp();
    expect(onReleased).toHaveBeenCalledExactlyOnceWith(false);
  });

  it("C26: what expires before it was written was not sent, and the connection stays", async () => {
    const bench = new PipelineBench({ maxInFlightRequests: 1 });
    const first = bench.ask();
    const expired = bench.ask(bench.deadline(100));
    await bench.clock.advance(100);
    expect(await expired).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent", timeoutMs: 100 });
    bench.answer(0);
    await first;
    expect(bench.pipeline.isOpen).toBe(true);
    expect(bench.socket.frames).toHaveLength(1);
  });

  it("C26: under back-pressure nothing more is written until the socket has drained", async () => {
    const bench = new PipelineBench();
    bench.socket.isFree = false;
    const answers = [bench.ask(), bench.ask(), bench.ask()];
    expect(bench.socket.frames).toHaveLength(1);
    bench.socket.drain();
    expect(bench.socket.frames).toHaveLength(3);
    for (const index of [0, 1, 2]) bench.answer(index);
    await Promise.all(answers);
  });

  it("that is over already sends nothing", async () => {
    const bench = new PipelineBench();
    expect(await bench.ask(bench.deadline(0))).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent" });
    expect(bench.socket.frames).toHaveLength(0);
  });

  it("may be longer for a request whose broker takes its time", async () => {
    const bench = new PipelineBench();
    const question = { api: ListGroups, version: 3, clientId: "test", body: {}, deadline: bench.deadline(), timeoutMs: 50_000 };
    const answer = ask(bench.pipeline, question);
    await bench.clock.advance(49_000);
    bench.answer(0);
    await answer;
  });

  it("needs one timer, however many requests there are", async () => {
    const bench = new PipelineBench();
    const answers = Array.from({ length: 100 }, () => bench.ask());
    expect(bench.clock.pendingTimers).toBe(1);
    for (const index of answers.keys()) bench.answer(index);
    await Promise.all(answers);
    expect(bench.clock.pendingTimers).toBe(1);
  });

  it("without requests ends the connection, which is no error: C23", async () => {
    const bench = new PipelineBench({ connectionsMaxIdleMs: 60_000 });
    await bench.clock.advance(50_000);
    const answer = bench.ask();
    bench.answer(0);
    await answer;
    await bench.clock.advance(59_999);
    expect(bench.pipeline.isOpen).toBe(true);
    await bench.clock.advance(1);
    expect(bench.pipeline.end).toEqual({ reason: "idle", error: undefined, by: "us" });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it("does not end a connection whose answer takes longer than it may be idle", async () => {
    const bench = new PipelineBench({ connectionsMaxIdleMs: 5000 });
    const answer = bench.ask();
    await bench.clock.advance(20_000);
    bench.answer(0);
    expect(await answer).toMatchObject({ body: {} });
  });
});

describe("a caller who gives up", () => {
  it("is let go at once; the answer is taken out of the stream in its turn, and the connection stays", async () => {
    const bench = new PipelineBench();
    const abort = new AbortController();
    const reason = new Error("enough");
    const failed = bench.ask(bench.deadline(60_000, abort.signal));
    const next = bench.ask();
    abort.abort(reason);
    expect(await failed).toBe(reason);
    bench.answer(0, { errorCode: 1 });
    bench.answer(1, { errorCode: 2 });
    expect(await next).toMatchObject({ body: { errorCode: 2 } });
    expect(bench.pipeline.isOpen).toBe(true);
  });

  it("still has a deadline: an answer that never comes closes the connection", async () => {
    const bench = new PipelineBench();
    const abort = new AbortController();
    const failed = bench.ask(bench.deadline(60_000, abort.signal));
    abort.abort(new Error("enough"));
    await failed;
    await bench.clock.advance(30_000);
    expect(bench.pipeline.isOpen).toBe(false);
  });

  it("before the request was written has sent nothing", async () => {
    const bench = new PipelineBench({ maxInFlightRequests: 1 });
    const abort = new AbortController();
    const first = bench.ask();
    const failed = bench.ask(bench.deadline(60_000, abort.signal));
    abort.abort(new Error("enough"));
    expect(String(await failed)).toBe("Error: enough");
    bench.answer(0);
    await first;
    expect(bench.socket.frames).toHaveLength(1);
  });

  it("leaves no listener behind at a signal that lives on", async () => {
    const bench = new PipelineBench();
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    const answer = bench.ask(bench.deadline(60_000, signal));
    bench.answer(0);
    await answer;
    expect(remove.mock.calls).toEqual(add.mock.calls.map(([type, listener]) => [type, listener]));
    expect(add).toHaveBeenCalledTimes(1);
  });
});

describe("a connection with a request that is not answered, and that the kernel has not taken yet", () => {
  function leaving(connectionsMaxIdleMs: number): { bench: PipelineBench; told: Promise<unknown> } {
    const bench = new PipelineBench({ connectionsMaxIdleMs });
    bench.socket.takesAtOnce = false;
    const deadline = bench.deadline();
    const told = caught(tell(bench.pipeline, { api: Produce, version: 9, clientId: "test", body: { acks: 0 }, deadline }));
    return { bench, told };
  }

  it("is not idle", async () => {
    const { bench, told } = leaving(1000);
    await bench.clock.advance(5000);
    expect(bench.pipeline.isOpen).toBe(true);
    bench.socket.takeAll();
    expect(await told).toBeUndefined();
    await bench.clock.advance(30_000);
    expect(bench.pipeline.end?.reason).toBe("idle");
  });

  it("does not end quietly: nobody knows what became of the request", async () => {
    const { bench, told } = leaving(-1);
    bench.socket.hangUp();
    expect(outcomeOf(await told)).toBe("unknown");
    expect(bench.pipeline.end?.error).toBeInstanceOf(Error);
  });
});

it("what waits and is too late when its turn comes is not sent, also before a timer has said so", async () => {
  const bench = new PipelineBench({ maxInFlightRequests: 1 });
  const answered = bench.ask();
  const late = bench.ask(bench.deadline(1000));
  // As when the process stood still: sockets are read before timers.
  const clock = vi.spyOn(bench.clock, "monotonic").mockReturnValue(2000);
  bench.answer(0);
  clock.mockRestore();
  expect(await answered).toMatchObject({ body: {} });
  expect(await late).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent" });
  expect(bench.socket.frames).toHaveLength(1);
});

describe("a broker that wants to be left alone (KIP-219)", () => {
  const askFor = (bench: PipelineBench, version: number): Promise<unknown> =>
    caught(ask(bench.pipeline, { api: Heartbeat, version, clientId: "test", body: {}, deadline: bench.deadline() }));

  it("gets no request for so long", async () => {
    const bench = new PipelineBench();
    const first = askFor(bench, 4);
    bench.socket.give(answerFrame(Heartbeat, 4, 0, { throttleTimeMs: 700 }));
    await first;
    const second = askFor(bench, 4);
    await bench.clock.advance(699);
    expect(bench.socket.frames).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.socket.frames).toHaveLength(2);
    bench.socket.give(answerFrame(Heartbeat, 4, 1));
    await second;
  });

  it("is left alone for the longest of the times that it asked for, in whatever order", async () => {
    const bench = new PipelineBench();
    const asked = [askFor(bench, 4), askFor(bench, 4)];
    bench.socket.give(answerFrame(Heartbeat, 4, 0, { throttleTimeMs: 700 }));
    bench.socket.give(answerFrame(Heartbeat, 4, 1, { throttleTimeMs: 100 }));
    await Promise.all(asked);
    const next = askFor(bench, 4);
    await bench.clock.advance(699);
    expect(bench.socket.frames).toHaveLength(2);
    await bench.clock.advance(1);
    bench.socket.give(answerFrame(Heartbeat, 4, 2));
    await next;
  });

  it("has waited itself in old versions of the answer, and means nothing by a negative time", async () => {
    for (const [version, throttleTimeMs] of [
      [1, 700],
      [4, -5],
    ] as const) {
      const bench = new PipelineBench();
      const first = askFor(bench, version);
      bench.socket.give(answerFrame(Heartbeat, version, 0, { throttleTimeMs }));
      await first;
      const second = askFor(bench, version);
      expect(bench.socket.frames).toHaveLength(2);
      bench.socket.give(answerFrame(Heartbeat, version, 1));
      await second;
    }
  });

  it("cannot silence a connection for weeks; what waits is not sent when its time is over", async () => {
    const bench = new PipelineBench({ connectionsMaxIdleMs: -1 });
    const first = askFor(bench, 4);
    bench.socket.give(answerFrame(Heartbeat, 4, 0, { throttleTimeMs: 2_147_483_647 }));
    await first;
    const second = askFor(bench, 4);
    await bench.clock.advance(30_000);
    expect(await second).toMatchObject({ code: "REQUEST_TIMEOUT", outcome: "not sent" });
    expect(bench.pipeline.isOpen).toBe(true);
    await bench.clock.advance(270_000);
    const third = askFor(bench, 4);
    bench.socket.give(answerFrame(Heartbeat, 4, 2));
    expect(await third).toMatchObject({ body: {} });
  });
});
