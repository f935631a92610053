import type { AcknowledgementCommitCallback } from "../config/share-consumer-options.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { AcknowledgementResult } from "./acknowledgement-result.ts";
import type { ShareMetrics } from "./share-metrics.ts";

/** Whoever acknowledged waits, and hears of it himself: no warning is needed. */
export interface Listening {
  isHeard: boolean;
}

/**
 * Sees to it that what became of an acknowledgement is told to somebody: to the callback, or, where there is none, failures as warnings.
 * Never inside the call that acknowledged.
 */
export class AcknowledgementReports {
  readonly #telemetry: Telemetry;
  readonly #callback: AcknowledgementCommitCallback | undefined;
  readonly #metrics: ShareMetrics | undefined;
  readonly #underway = new Set<Promise<void>>();

  constructor(telemetry: Telemetry, callback: AcknowledgementCommitCallback | undefined, metrics: ShareMetrics | undefined) {
    this.#telemetry = telemetry;
    this.#callback = callback;
    this.#metrics = metrics;
  }

  follow(acknowledgement: Acknowledgement, listening: Listening): void {
    // What nobody had in hand is nobody's to hear of.
    if (acknowledgement.offsets.length === 0) return;
    const telling = this.#tell(acknowledgement, listening).finally(() => this.#underway.delete(telling));
    this.#underway.add(telling);
  }

  /** Resolves when everybody has been told. */
  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  async #tell(acknowledgement: Acknowledgement, listening: Listening): Promise<void> {
    const result = acknowledgement.result(await acknowledgement.outcome);
    this.#metrics?.acknowledged(result.offsets.length, result.error === undefined);
    if (this.#callback !== undefined) this.#call(this.#callback, result);
    else if (result.error !== undefined && !listening.isHeard) this.#warn(result);
  }

  #warn({ topic, partition, offsets, error }: AcknowledgementResult): void {
    const text = `${offsets.length} records were not acknowledged: ${error?.message ?? ""}`;
    this.#telemetry.warning("ACKNOWLEDGEMENT_FAILED", text, { topic, partition, offset: offsets[0], count: offsets.length });
  }

  /** What it throws does not disturb others, and the process judges as it does with any callback. */
  #call(callback: AcknowledgementCommitCallback, result: AcknowledgementResult): void {
    try {
      callback([result]);
    } catch (thrown) {
      const said = thrown instanceof Error ? thrown.message : String(thrown);
      this.#telemetry.warning("CALLBACK_FAILED", `an acknowledgement callback has thrown: ${said}`, { error: said });
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}
