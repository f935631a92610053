import { expect, it, vi } from "vitest";
import { abortReason, onAbort } from "./abort-listeners.ts";

it("tells all who listen, once, with the reason", () => {
  const controller = new AbortController();
  const [one, other, gone] = [vi.fn<(reason: Error) => void>(), vi.fn<(reason: Error) => void>(), vi.fn<(reason: Error) => void>()];
  onAbort(controller.signal, one);
  onAbort(controller.signal, other);
  onAbort(controller.signal, gone)();
  const reason = new Error("enough");
  controller.abort(reason);
  expect(one).toHaveBeenCalledExactlyOnceWith(reason);
  expect(other).toHaveBeenCalledExactlyOnceWith(reason);
  expect(gone).not.toHaveBeenCalled();
});

it("puts one listener on a signal, however many wait, and none when nobody does any more", () => {
  const { signal } = new AbortController();
  const add = vi.spyOn(signal, "addEventListener");
  const remove = vi.spyOn(signal, "removeEventListener");
  const stops = Array.from({ length: 50 }, () => onAbort(signal, () => undefined));
  expect(add).toHaveBeenCalledTimes(1);
  for (const stop of stops) stop();
  for (const stop of stops) stop();
  expect(remove).toHaveBeenCalledTimes(1);
  onAbort(signal, () => undefined);
  expect(add).toHaveBeenCalledTimes(2);
});

it("may be stopped by another who is told, and within its own call", () => {
  const controller = new AbortController();
  const second = vi.fn<() => void>();
  const stops: (() => void)[] = [];
  const stopAll = (): void => {
    for (const stop of stops) stop();
  };
  stops.push(onAbort(controller.signal, stopAll));
  stops.push(onAbort(controller.signal, second));
  controller.abort();
  expect(second).not.toHaveBeenCalled();
});

it("makes an error of a reason that is none", () => {
  expect(abortReason(AbortSignal.abort("late")).message).toBe("late");
  expect(abortReason(AbortSignal.abort()).name).toBe("AbortError");
});
