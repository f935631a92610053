/** Answers that are no proper frames. */
import type { Delivery, FaultAction } from "./fault-action.ts";

const FRAME_PREFIX = 4;

export function partialFrame(bytes: number, then: "end" | "reset" | "silence"): FaultAction {
  return frame("partial frame", (answer) => [{ bytes: answer.subarray(0, bytes) }, then]);
}

export function dribble(bytes: number, everyMs: number): FaultAction {
  return frame("dribble", (answer) =>
    Array.from({ length: Math.ceil(answer.length / bytes) }, (_, piece): readonly Delivery[] => [
      { waitMs: everyMs },
      { bytes: answer.subarray(piece * bytes, (piece + 1) * bytes) },
    ]).flat(),
  );
}

/** A web server's answer, as clients get that connect to the wrong port. */
const NOT_KAFKA = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

export function garbage(bytes: Uint8Array = Buffer.from(NOT_KAFKA)): FaultAction {
  return frame("garbage", () => [{ bytes }, "end"]);
}

export function wrongCorrelationId(by: number): FaultAction {
  return frame("wrong correlation id", (answer) => {
    const wrong = new Uint8Array(answer);
    const view = new DataView(wrong.buffer);
    view.setInt32(FRAME_PREFIX, view.getInt32(FRAME_PREFIX) + by);
    return [{ bytes: wrong }];
  });
}

export function frameLength(length: number): FaultAction {
  return frame("frame length", (answer) => {
    const wrong = new Uint8Array(answer);
    new DataView(wrong.buffer).setInt32(0, length);
    return [{ bytes: wrong }];
  });
}

export function duplicateAnswer(): FaultAction {
  return frame("duplicate answer", (answer) => [{ bytes: answer }, { bytes: answer }]);
}

function frame(name: string, deliver: (answer: Uint8Array) => readonly Delivery[]): FaultAction {
  return { kind: "frame", name, deliver };
}
