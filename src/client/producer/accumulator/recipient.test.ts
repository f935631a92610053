import { describe, expect, it } from "vitest";
import { BrokerError, ClosedError } from "../../errors.ts";
import { BatchCollector, PromiseRecipient, type SendBatchError, tellDelivered, tellFailed } from "./recipient.ts";

const at = (offset: number) => ({
  topic: "orders",
  partition: 0,
  offset,
  timestamp: 5,
  serializedKeySize: -1,
  serializedValueSize: 1,
});
const broken = (): never => {
  throw new Error("the callback's own");
};

describe("who is told of a record", () => {
  it("a callback hears of success and failure; what it throws goes to whom it concerns", () => {
    const heard: unknown[] = [];
    const thrown: unknown[] = [];
    const callback = (...args: unknown[]): void => void heard.push(args);
    const error = new ClosedError("it");
    tellDelivered(callback, at(1), broken);
    tellFailed(callback, error, broken);
    tellDelivered(broken, at(1), (one) => thrown.push(String(one)));
    tellFailed(broken, error, (one) => thrown.push(String(one)));
    expect(heard).toEqual([
      [null, at(1)],
      [error, undefined],
    ]);
    expect(thrown).toEqual(["Error: the callback's own", "Error: the callback's own"]);
  });

  it("promises are each their own, though they are made alike", async () => {
    const [a, b, c] = [new PromiseRecipient(), new PromiseRecipient(), new PromiseRecipient()];
    tellDelivered(b, at(2), broken);
    tellFailed(c, new ClosedError("it"), broken);
    tellDelivered(a, at(1), broken);
    expect([await a.promise, await b.promise]).toEqual([at(1), at(2)]);
    await expect(c.promise).rejects.toThrow("closed");
  });

  it("a promise that was given up stays so", async () => {
    const given = new PromiseRecipient();
    given.abort(new Error("no more"));
    given.delivered(at(1));
    await expect(given.promise).rejects.toThrow("no more");
  });
});

describe("many records of one call", () => {
  it("resolve in the order in which they were given, whatever the order of their ends", async () => {
    const collector = new BatchCollector(3);
    for (const index of [2, 0, 1]) collector.recipient(index).delivered(at(index + 10));
    expect(await collector.promise).toEqual([at(10), at(11), at(12)]);
  });

  it("of none resolve to none", async () => {
    expect(await new BatchCollector(0).promise).toEqual([]);
  });

  it("reject with the error itself when it is the same for all, or when there is one record", async () => {
    const error = new ClosedError("it");
    const two = new BatchCollector(2);
    two.recipient(1).failed(error);
    two.recipient(0).failed(error);
    await expect(two.promise).rejects.toBe(error);
    const one = new BatchCollector(1);
    one.recipient(0).failed(error);
    await expect(one.promise).rejects.toBe(error);
  });

  it("reject with what failed and what did not, by place; and know whether anything may be in the log", async () => {
    const collector = new BatchCollector(3);
    const retriable = Object.assign(new BrokerError(19, { api: "Produce" }), { verdict: "not persisted" } as const);
    const maybe = Object.assign(new BrokerError(7, { api: "Produce" }), { verdict: "possibly persisted" } as const);
    collector.recipient(2).failed(maybe);
    collector.recipient(1).delivered(at(4));
    collector.recipient(0).failed(retriable);
    const error = await collector.promise.then(
      () => undefined,
      (reason: SendBatchError) => reason,
    );
    expect(error).toMatchObject({
      code: "SEND_BATCH",
      retriable: true,
      verdict: "possibly persisted",
      failures: [
        { index: 0, error: retriable },
        { index: 2, error: maybe },
      ],
      results: [undefined, at(4), undefined],
      cause: retriable,
    });
    expect(error?.message).toContain("2 of 3 records were not sent; the first, record 0: ");
  });

  it.each([
    ["retriable", "abortable", "abortable"],
    ["fatal", "abortable", "fatal"],
    ["retriable", undefined, "retriable"],
    [undefined, undefined, undefined],
  ] as const)("are as severe for a transaction as the worst of them: %s and %s", async (one, other, worst) => {
    const collector = new BatchCollector(2);
    for (const [index, severity] of [one, other].entries()) {
      const error = new BrokerError(7, { api: "Produce" });
      collector.recipient(index).failed(severity === undefined ? error : Object.assign(error, { severity }));
    }
    const failure = await collector.promise.catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "SEND_BATCH", abortable: worst === "abortable", fatal: worst === "fatal" });
    expect((failure as SendBatchError).severity).toBe(worst);
  });

  it("wait for all of them before they reject", async () => {
    const collector = new BatchCollector(2);
    let isOver = false;
    collector.promise.catch(() => (isOver = true));
    collector.recipient(0).failed(new ClosedError("it"));
    await Promise.resolve();
    await Promise.resolve();
    expect(isOver).toBe(false);
    collector.recipient(1).delivered(at(1));
    await expect(collector.promise).rejects.toMatchObject({ code: "SEND_BATCH" });
  });
});
