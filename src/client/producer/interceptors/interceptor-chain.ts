import type { KafkaError } from "../../../protocol/index.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { ProducerRecord } from "../producer-record.ts";
import type { RecordMetadata } from "../record-metadata.ts";
import type { ProducerInterceptor } from "./producer-interceptor.ts";

/** The interceptors of a producer, in their order. What one of them does wrong disturbs neither the record nor the others. */
export class InterceptorChain {
  /** Whoever sends asks first: without interceptors they cost nothing. */
  readonly isEmpty: boolean;
  /** Whether anybody wants to know what became of records. */
  readonly wantsAcknowledgements: boolean;
  readonly #interceptors: readonly ProducerInterceptor[];
  readonly #telemetry: Pick<Telemetry, "warning">;

  constructor(interceptors: readonly ProducerInterceptor[], telemetry: Pick<Telemetry, "warning">) {
    this.#interceptors = interceptors;
    this.#telemetry = telemetry;
    this.isEmpty = interceptors.length === 0;
    this.wantsAcknowledgements = interceptors.some((one) => one.onAcknowledgement !== undefined);
  }

  /** Each sees what the one before has made of it; what goes wrong leaves the record as it was. */
  onSend(topic: string, record: ProducerRecord<unknown, unknown>): ProducerRecord<unknown, unknown> {
    let current = record;
    for (const interceptor of this.#interceptors) {
      try {
        const changed: unknown = interceptor.onSend?.(topic, current);
        if (isRecord(changed)) current = changed;
        else if (changed !== undefined) this.#refuse(topic, changed);
      } catch (error) {
        this.#failed("onSend", topic, error);
      }
    }
    return current;
  }

  /** @param record what `onSend` has returned */
  onAcknowledgement(
    metadata: RecordMetadata | undefined,
    error: KafkaError | null,
    topic: string,
    record: ProducerRecord<unknown, unknown>,
  ): void {
    for (const interceptor of this.#interceptors) {
      try {
        const returned: unknown = interceptor.onAcknowledgement?.(metadata, error, topic, record);
        if (returned instanceof Promise) this.#watch("onAcknowledgement", topic, returned);
      } catch (failure) {
        this.#failed("onAcknowledgement", topic, failure);
      }
    }
  }

  #refuse(topic: string, changed: unknown): void {
    const isPromise = changed instanceof Promise;
    if (isPromise) this.#watch("onSend", topic, changed);
    const what = isPromise ? "a promise: it must not wait" : `${nameOfType(changed)}, which is no record`;
    this.#warn("onSend", topic, `returned ${what}; the record is sent as it was`, {});
  }

  /** An async function fails later, and must not end the process either. */
  #watch(method: string, topic: string, promise: Promise<unknown>): void {
    promise.catch((error: unknown) => this.#failed(method, topic, error));
  }

  #failed(method: string, topic: string, error: unknown): void {
    const said = error instanceof Error ? error.message : String(error);
    this.#warn(method, topic, `threw: ${said}`, { error: said });
  }

  #warn(method: string, topic: string, problem: string, facts: Readonly<Record<string, unknown>>): void {
    this.#telemetry.warning("INTERCEPTOR_FAILED", `${method} of an interceptor ${problem}`, { method, topic, ...facts });
  }
}

function isRecord(changed: unknown): changed is ProducerRecord<unknown, unknown> {
  return typeof changed === "object" && changed !== null && !(changed instanceof Promise) && !Array.isArray(changed);
}

function nameOfType(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
