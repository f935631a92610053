import { type ApiName, type ErrorCode, type ErrorName, errorCodes } from "../../protocol/index.ts";
import type { FaultAction, Responder } from "./fault-action.ts";
import type { FaultScope } from "./fault-scope.ts";
import { checkTarget, type FaultSubject, type FaultTarget, matchesPlaces, matchesRequest } from "./fault-target.ts";
import * as frames from "./frame-faults.ts";
import { alteredRecords, type RecordDamage } from "./record-faults.ts";

/** A fault that was asked for. */
export interface Fault {
  /** How often it has struck. */
  readonly hits: number;
  /** It strikes no more. */
  cancel(): void;
}

/** A fault with what it does; the dispatcher's view. */
export class FaultRule implements Fault {
  readonly target: FaultTarget;
  readonly action: FaultAction;
  hits = 0;
  #toSkip: number;
  #left: number;

  constructor(target: FaultTarget, action: FaultAction) {
    checkTarget(target);
    this.target = target;
    this.action = action;
    this.#toSkip = target.skip ?? 0;
    this.#left = target.times ?? 1;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  cancel(): void {
    this.#left = 0;
  }

  /** Counts a request, or an item of one, that matches; true when the fault strikes. */
  strike(): boolean {
    if (this.isSpent) return false;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return false;
    }
    this.#left--;
    this.hits++;
    return true;
  }
}

/** How an error fault is asked for. */
export interface ErrorFault extends FaultTarget {
  /** Kafka's name of it, or its number. */
  readonly error: ErrorName | number;
  /** Holds the answer back. */
  readonly delayMs?: number;
  /** The request is carried out nevertheless: "applied, but the answer says no". */
  readonly afterApply?: boolean;
  /** The text beside the code, in answers that have one. */
  readonly message?: string;
}

const SCOPES: readonly FaultScope[] = ["request", "topic", "partition"];

/** Scripts what goes wrong. Faults strike in the order they were asked for; each as often as it says. */
export class Faults {
  #rules: FaultRule[] = [];
  readonly #scopes: ReadonlyMap<string, FaultScope>;

  /** @param scopes how finely faults can be aimed at each API that is answered, by its name */
  constructor(scopes: ReadonlyMap<string, FaultScope>) {
    this.#scopes = scopes;
  }

  /** Answers with an error code: for the whole request, or for the topic or partition that the target names. */
  failNext(fault: ErrorFault): Fault {
    this.#requireScope(fault);
    const { afterApply = false, message, delayMs } = fault;
    const { name: error, code: errorCode } = errorFrom(fault.error);
    if (delayMs !== undefined) this.#add(fault, { kind: "delay", ms: delayMs, afterApply: true });
    return this.#add(fault, { kind: "error", error, errorCode, afterApply, ...(message === undefined ? {} : { message }) });
  }

  /** Refuses a produced batch because of some of its records (KIP-467). */
  recordErrors(
    fault: FaultTarget & {
      readonly topic: string;
      readonly error?: ErrorName | number;
      readonly records: readonly { readonly batchIndex: number; readonly message?: string }[];
      readonly message?: string;
    },
  ): Fault {
    const { records, message } = fault;
    const { name: error, code: errorCode } = errorFrom(fault.error ?? "INVALID_RECORD");
    return this.#add(
      { ...fault, api: "Produce" },
      {
        kind: "error",
        error,
        errorCode,
        afterApply: false,
        recordErrors: records.map((record) => ({ batchIndex: record.batchIndex, message: record.message ?? null })),
        ...(message === undefined ? {} : { message }),
      },
    );
  }

  disconnect(fault: FaultTarget & { readonly afterApply?: boolean; readonly reset?: boolean } = {}): Fault {
    return this.#add(fault, { kind: "disconnect", afterApply: fault.afterApply ?? false, reset: fault.reset ?? false });
  }

  delay(fault: FaultTarget & { readonly delayMs: number; readonly afterApply?: boolean }): Fault {
    return this.#add(fault, { kind: "delay", ms: fault.delayMs, afterApply: fault.afterApply ?? false });
  }

  neverAnswer(fault: FaultTarget & { readonly afterApply?: boolean } = {}): Fault {
    return this.#add(fault, { kind: "never answer", afterApply: fault.afterApply ?? false });
  }

  throttle(fault: FaultTarget & { readonly throttleMs: number }): Fault {
    return this.#add(fault, { kind: "throttle", ms: fault.throttleMs });
  }

  /** The answer stops after so many bytes, and the connection with it; or stays open, silent. */
  partialFrame(fault: FaultTarget & { readonly bytes: number; readonly then?: "end" | "reset" | "silence" }): Fault {
    return this.#add(fault, frames.partialFrame(fault.bytes, fault.then ?? "end"));
  }

  /** The answer comes in small pieces, one byte at a time unless said otherwise. */
  dribble(fault: FaultTarget & { readonly bytes?: number; readonly everyMs?: number } = {}): Fault {
    return this.#add(fault, frames.dribble(fault.bytes ?? 1, fault.everyMs ?? 0));
  }

  /** Bytes that are no answer, instead of it. */
  garbage(fault: FaultTarget & { readonly bytes?: Uint8Array } = {}): Fault {
    return this.#add(fault, frames.garbage(fault.bytes));
  }

  wrongCorrelationId(fault: FaultTarget & { readonly by?: number } = {}): Fault {
    return this.#add(fault, frames.wrongCorrelationId(fault.by ?? 1));
  }

  /** The frame claims another length than it has: oversized, negative, too short. */
  frameLength(fault: FaultTarget & { readonly length: number }): Fault {
    return this.#add(fault, frames.frameLength(fault.length));
  }

  /** The same answer twice. */
  duplicateAnswer(fault: FaultTarget = {}): Fault {
    return this.#add(fault, frames.duplicateAnswer());
  }

  /** Records in a fetch answer are damaged on their way; the log is not. */
  corruptRecords(fault: FaultTarget & { readonly damage: RecordDamage }): Fault {
    return this.#add({ ...fault, api: "Fetch" }, { kind: "records", alter: alteredRecords(fault.damage) });
  }

  /** Answers requests of this API as the function says, until cancelled. It may ask the broker first (`next`) and change the answer. */
  on(api: ApiName, respond: Responder, target: Omit<FaultTarget, "api"> = {}): Fault {
    return this.#add({ times: Number.POSITIVE_INFINITY, ...target, api }, { kind: "answer", respond });
  }

  /** Cancels them all. */
  clear(): void {
    for (const rule of this.#rules) rule.cancel();
    this.#rules = [];
  }

  /** Faults that have not struck as often as they could; a test may end with `expect(pending).toBe(0)`. */
  get pending(): number {
    this.#rules = this.#rules.filter((rule) => !rule.isSpent);
    return this.#rules.length;
  }

  /** The faults that strike this request as a whole, in their order. */
  strike(subject: FaultSubject): readonly FaultRule[] {
    if (this.#rules.length === 0) return [];
    const struck = this.#rules.filter(
      (rule) => !isAimed(rule) && matchesRequest(rule.target, subject) && matchesPlaces(rule.target, subject) && rule.strike(),
    );
    if (struck.some((rule) => rule.isSpent)) this.#rules = this.#rules.filter((rule) => !rule.isSpent);
    return struck;
  }

  /** The error for one topic or partition of the request, if one is aimed at it. */
  strikeAt(subject: FaultSubject, topic: string, partition: number | undefined): FaultRule | undefined {
    if (this.#rules.length === 0) return undefined;
    return this.#rules.find(
      (rule) =>
        isAimed(rule) &&
        rule.target.topic === topic &&
        (rule.target.partition === undefined || rule.target.partition === partition) &&
        matchesRequest(rule.target, subject) &&
        rule.strike(),
    );
  }

  #add(target: FaultTarget, action: FaultAction): FaultRule {
    const rule = new FaultRule(target, action);
    this.#rules.push(rule);
    return rule;
  }

  /** An error for a topic needs a handler that asks for it: else it would never strike. */
  #requireScope({ api, topic, partition }: ErrorFault): void {
    if (topic === undefined) return;
    const needed = partition === undefined ? "topic" : "partition";
    if (api === undefined) throw new TypeError(`an error for a ${needed} needs an api`);
    for (const name of [api].flat()) {
      const scope = this.#scopes.get(name);
      if (scope === undefined) throw new TypeError(`the embedded broker does not answer ${name}`);
      if (SCOPES.indexOf(scope) >= SCOPES.indexOf(needed)) continue;
      throw new TypeError(`${name} cannot fail for a single ${needed}; leave it out to fail the whole request`);
    }
  }
}

/** A misspelled name would strike as another error. */
function errorFrom(error: ErrorName | number): ErrorCode {
  const known = errorCodes.find(({ code, name }) => code === error || name === error);
  if (known === undefined) throw new TypeError(`there is no error ${error}`);
  return known;
}

/** Errors for topics and partitions strike inside the request; everything else strikes it as a whole. */
function isAimed({ action, target }: FaultRule): boolean {
  return action.kind === "error" && target.topic !== undefined;
}
