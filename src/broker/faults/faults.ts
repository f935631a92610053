import { type ApiName, type ErrorCode, type ErrorName, errorCodes } from "../../protocol/index.ts";
import type { FaultAction, Responder } from "./fault-action.ts";
import { type Fault, FaultRule } from "./fault-rule.ts";
import type { FaultScope } from "./fault-scope.ts";
import { type FaultSubject, type FaultTarget, isPlace, matchesPlaces, matchesRequest } from "./fault-target.ts";
import { hasRecords, withAlteredRecords } from "./fetch-answer.ts";
import * as frames from "./frame-faults.ts";
import { alteredRecords, type RecordDamage } from "./record-faults.ts";

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
    const refusal = this.#add(fault, {
      kind: "error",
      error,
      errorCode,
      afterApply,
      ...(message === undefined ? {} : { message }),
    });
    if (delayMs === undefined) return refusal;
    const delay = this.delay({ ...fault, delayMs, afterApply: true });
    return {
      get hits() {
        return refusal.hits;
      },
      cancel() {
        refusal.cancel();
        delay.cancel();
      },
    };
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
    requireWhole("delay", fault.delayMs);
    return this.#add(fault, { kind: "delay", ms: fault.delayMs, afterApply: fault.afterApply ?? false });
  }

  neverAnswer(fault: FaultTarget & { readonly afterApply?: boolean } = {}): Fault {
    return this.#add(fault, { kind: "never answer", afterApply: fault.afterApply ?? false });
  }

  throttle(fault: FaultTarget & { readonly throttleMs: number }): Fault {
    requireWhole("throttle", fault.throttleMs);
    return this.#add(fault, { kind: "throttle", ms: fault.throttleMs });
  }

  /** The answer stops after so many bytes, and the connection with it; or stays open, silent. */
  partialFrame(fault: FaultTarget & { readonly bytes: number; readonly then?: "end" | "reset" | "silence" }): Fault {
    requireWhole("part of a frame", fault.bytes);
    return this.#add(fault, frames.partialFrame(fault.bytes, fault.then ?? "end"));
  }

  /** The answer comes in small pieces, one byte at a time unless said otherwise. */
  dribble(fault: FaultTarget & { readonly bytes?: number; readonly everyMs?: number } = {}): Fault {
    const { bytes = 1, everyMs = 0 } = fault;
    requireWhole("piece of a frame", bytes, 1);
    requireWhole("pause between pieces", everyMs);
    return this.#add(fault, frames.dribble(bytes, everyMs));
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
    if ((fault.length | 0) !== fault.length) throw new TypeError(`a frame cannot claim the length ${fault.length}`);
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

  /** The faults that strike this request as a whole, in their order; of each kind one, and the next of it the next request. */
  strike(subject: FaultSubject): readonly FaultRule[] {
    if (this.#rules.length === 0) return [];
    const matching = this.#rules.filter(
      (rule) => !isAimed(rule) && !isOfRecords(rule) && matchesRequest(rule.target, subject) && matchesPlaces(rule.target, subject),
    );
    const struck: FaultRule[] = [];
    for (const rule of matching) {
      if (struck.some((other) => effectOf(other) === effectOf(rule))) rule.giveWay();
      else if (rule.strike()) struck.push(rule);
    }
    if (struck.some((rule) => rule.isSpent)) this.#rules = this.#rules.filter((rule) => !rule.isSpent);
    return struck;
  }

  /** The answer with other records in it, where a fault wants that; itself where none does. Empty answers are not counted. */
  alterRecords(subject: FaultSubject, answer: unknown): unknown {
    let isAltered = false;
    let altered = answer;
    for (const rule of this.#rules) {
      const { action, target } = rule;
      if (action.kind !== "records" || !matchesRequest(target, subject)) continue;
      const isWanted = (topic: string, partition: number) => target.topic === undefined || isPlace(target, topic, partition);
      if (!hasRecords(answer, isWanted)) continue;
      if (isAltered) rule.giveWay();
      else if (rule.strike()) {
        isAltered = true;
        altered = withAlteredRecords(answer, isWanted, action.alter);
      }
    }
    return altered;
  }

  /** The error for one topic or partition of the request, if one is aimed at it. */
  strikeAt(subject: FaultSubject, topic: string, partition: number | undefined): FaultRule | undefined {
    if (this.#rules.length === 0) return undefined;
    let struck: FaultRule | undefined;
    for (const rule of this.#rules) {
      if (!isAimed(rule) || !isPlace(rule.target, topic, partition) || !matchesRequest(rule.target, subject)) continue;
      if (struck !== undefined) rule.giveWay();
      else if (rule.strike()) struck = rule;
    }
    return struck;
  }

  #add(target: FaultTarget, action: FaultAction): FaultRule {
    const rule = new FaultRule(target, action);
    for (const name of target.api === undefined ? [] : [target.api].flat()) {
      if (!this.#scopes.has(name)) throw new TypeError(`the embedded broker does not answer ${name}`);
    }
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
      if (scope === undefined || SCOPES.indexOf(scope) >= SCOPES.indexOf(needed)) continue;
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

/** Damage to records strikes answers that have some, not requests. */
function isOfRecords({ action }: FaultRule): boolean {
  return action.kind === "records";
}

/** Two faults that would do the same to a request: only one of them can. */
function effectOf({ action }: FaultRule): string {
  return action.kind === "delay" && action.afterApply ? "delay of the answer" : action.kind;
}

function requireWhole(what: string, value: number, least = 0): void {
  if (!Number.isSafeInteger(value) || value < least) throw new TypeError(`a ${what} cannot be ${value}`);
}
