import { describe, expect, it } from "vitest";
import { ClosedError } from "../../errors.ts";
import type { ProducerRecord } from "../producer-record.ts";
import { InterceptorChain } from "./interceptor-chain.ts";
import type { ProducerInterceptor } from "./producer-interceptor.ts";

const metadata = { topic: "orders", partition: 1, offset: 7, timestamp: 5, serializedKeySize: -1, serializedValueSize: 1 };

function chainOf(...interceptors: readonly ProducerInterceptor[]) {
  const warnings: (readonly [code: string, text: string])[] = [];
  const chain = new InterceptorChain(interceptors, { warning: (code, text) => void warnings.push([code, text]) });
  return { chain, warnings };
}

function adds(name: string): ProducerInterceptor {
  return { onSend: (_topic, record) => ({ ...record, headers: [...pairsOf(record), [name, "yes"]] }) };
}

function pairsOf({ headers = [] }: ProducerRecord<unknown, unknown>) {
  return Symbol.iterator in headers ? [...headers] : [];
}

describe("the chain of interceptors", () => {
  it("is empty without interceptors, and says who wants to be told of the end", () => {
    expect(chainOf().chain).toMatchObject({ isEmpty: true, wantsAcknowledgements: false });
    expect(chainOf({ onSend: () => undefined }).chain).toMatchObject({ isEmpty: false, wantsAcknowledgements: false });
    expect(chainOf({}, { onAcknowledgement: () => undefined }).chain).toMatchObject({
      isEmpty: false,
      wantsAcknowledgements: true,
    });
  });

  it("hands each what the one before has made of the record, and leaves the caller's record alone", () => {
    const { chain, warnings } = chainOf(adds("first"), {}, { onSend: () => undefined }, adds("second"));
    const record = Object.freeze({ key: "k", value: "v", headers: Object.freeze([]) });
    expect(chain.onSend("orders", record)).toEqual({
      key: "k",
      value: "v",
      headers: [
        ["first", "yes"],
        ["second", "yes"],
      ],
    });
    expect(record.headers).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("goes on with the record as it was when one throws, and warns", () => {
    const thrower: ProducerInterceptor = {
      onSend: () => {
        throw new Error("no");
      },
    };
    const { chain, warnings } = chainOf(adds("first"), thrower, adds("second"));
    expect(pairsOf(chain.onSend("orders", { value: "v" })).map(([name]) => name)).toEqual(["first", "second"]);
    expect(warnings).toEqual([["INTERCEPTOR_FAILED", "onSend of an interceptor threw: no"]]);
  });

  it("refuses what is no record, a promise above all, whose failure it sees to", async () => {
    const wrong = [null, 5, [], Promise.reject(new Error("late"))];
    const interceptors = wrong.map((returned) => {
      const interceptor: ProducerInterceptor = {};
      Object.assign(interceptor, { onSend: () => returned });
      return interceptor;
    });
    const { chain, warnings } = chainOf(...interceptors);
    const record = { value: "v" };
    expect(chain.onSend("orders", record)).toBe(record);
    await new Promise(setImmediate);
    expect(warnings.map(([, text]) => text)).toEqual([
      "onSend of an interceptor returned null, which is no record; the record is sent as it was",
      "onSend of an interceptor returned a number, which is no record; the record is sent as it was",
      "onSend of an interceptor returned an array, which is no record; the record is sent as it was",
      "onSend of an interceptor returned a promise: it must not wait; the record is sent as it was",
      "onSend of an interceptor threw: late",
    ]);
  });

  it("tells all of them of the end, in order, also behind one that throws or rejects", async () => {
    const told: unknown[] = [];
    const listener = (name: string): ProducerInterceptor => ({
      onAcknowledgement: (...what) => void told.push([name, ...what]),
    });
    const thrower: ProducerInterceptor = {
      onAcknowledgement: () => {
        throw new TypeError("broken");
      },
    };
    const rejecter: ProducerInterceptor = {};
    Object.assign(rejecter, { onAcknowledgement: () => Promise.reject(new Error("later")) });
    const { chain, warnings } = chainOf(listener("first"), thrower, rejecter, {}, listener("second"));
    const record = { value: "v" };
    chain.onAcknowledgement(metadata, null, "orders", record);
    const error = new ClosedError("producer");
    chain.onAcknowledgement(undefined, error, "orders", record);
    await new Promise(setImmediate);
    expect(told).toEqual([
      ["first", metadata, null, "orders", record],
      ["second", metadata, null, "orders", record],
      ["first", undefined, error, "orders", record],
      ["second", undefined, error, "orders", record],
    ]);
    expect(warnings.map(([, text]) => text).toSorted()).toEqual([
      "onAcknowledgement of an interceptor threw: broken",
      "onAcknowledgement of an interceptor threw: broken",
      "onAcknowledgement of an interceptor threw: later",
      "onAcknowledgement of an interceptor threw: later",
    ]);
  });

  it("keeps `this` of interceptors that are objects of a class", () => {
    class Counter implements ProducerInterceptor {
      sent = 0;
      settled = 0;
      onSend(): undefined {
        this.sent++;
      }
      onAcknowledgement(): void {
        this.settled++;
      }
    }
    const counter = new Counter();
    const { chain } = chainOf(counter);
    chain.onAcknowledgement(metadata, null, "orders", chain.onSend("orders", {}));
    expect(counter).toEqual({ sent: 1, settled: 1 });
  });
});
