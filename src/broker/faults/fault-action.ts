/** What a fault does to a request that it strikes. */
import type { ErrorName } from "../../protocol/index.ts";
import type { NO_ANSWER } from "../no-answer.ts";

export type FaultAction =
  | {
      readonly kind: "error";
      readonly error: ErrorName;
      readonly errorCode: number;
      readonly afterApply: boolean;
      readonly message?: string;
      readonly recordErrors?: readonly { readonly batchIndex: number; readonly message: string | null }[];
    }
  /** Breaks the connection before the request is carried out, or after: then the answer is lost. */
  | { readonly kind: "disconnect"; readonly afterApply: boolean; readonly reset: boolean }
  /** Waits before the request is carried out, or holds its answer back. */
  | { readonly kind: "delay"; readonly ms: number; readonly afterApply: boolean }
  /** The connection stays open and silent, also for what follows: answers come in order. */
  | { readonly kind: "never answer"; readonly afterApply: boolean }
  /** Tells the client to be quiet, and reads nothing from it meanwhile (KIP-219). */
  | { readonly kind: "throttle"; readonly ms: number }
  /** Something else answers; it may ask the broker with `next` and change what it says. */
  | { readonly kind: "answer"; readonly respond: Responder }
  /** The answer's frame leaves otherwise than it should. */
  | { readonly kind: "frame"; readonly name: string; readonly deliver: (frame: Uint8Array) => readonly Delivery[] }
  /** The records in a fetch answer are not what is in the log. */
  | { readonly kind: "records"; readonly alter: (records: Uint8Array) => Uint8Array };

/** What `faults.on` is given. */
export type Responder = (request: Readonly<Record<string, unknown>>, asked: Asked) => unknown;

export interface Asked {
  /** The node that was asked. */
  readonly node: number;
  readonly connection: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string;
  /** Carries the request out as if there were no fault, and gives the answer's body. */
  next(): Promise<unknown>;
  /** Returned instead of an answer: none is sent, and the connection goes on with the next request. */
  readonly NO_ANSWER: typeof NO_ANSWER;
}

/** One step of sending an answer. */
export type Delivery =
  | { readonly bytes: Uint8Array }
  | { readonly waitMs: number }
  /** After what was written so far: a clean end, a reset, or silence forever. */
  | "end"
  | "reset"
  | "silence";
