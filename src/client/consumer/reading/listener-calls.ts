import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { RebalanceListener } from "../assignment/subscription.ts";
import type { TopicPartition } from "../topic-partition.ts";

type Name = keyof RebalanceListener;

/**
 * Resolves when the listener has returned. Who does not want to be told of what is lost is told that it is revoked, as in Java.
 *
 * @throws what it has thrown, which is reported as well
 */
export async function callListener(
  telemetry: ClientTelemetry,
  listener: RebalanceListener | undefined,
  name: Name,
  partitions: readonly TopicPartition[],
): Promise<void> {
  const names = partitions.map(({ topic, partition }): TopicPartition => ({ topic, partition }));
  const called: Name = name === "onPartitionsLost" && listener?.onPartitionsLost === undefined ? "onPartitionsRevoked" : name;
  try {
    await listener?.[called]?.(names);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    telemetry.warning("CALLBACK_FAILED", `${called} has thrown: ${said}`, { error: said });
    throw error;
  }
}

interface ListenerCall {
  readonly listener: RebalanceListener;
  readonly name: Name;
  readonly partitions: readonly TopicPartition[];
}

/** What listeners have still to be told. It is done by whoever reads next, who waits for it: nothing is read in between. */
export class ListenerCalls {
  readonly #telemetry: ClientTelemetry;
  readonly #onPending: () => void;
  #queue: ListenerCall[] = [];

  constructor(telemetry: ClientTelemetry, onPending: () => void) {
    this.#telemetry = telemetry;
    this.#onPending = onPending;
  }

  add(listener: RebalanceListener | undefined, added: readonly TopicPartition[], removed: readonly TopicPartition[]): void {
    if (listener === undefined) return;
    if (removed.length > 0) this.#queue.push({ listener, name: "onPartitionsRevoked", partitions: removed });
    if (added.length > 0) this.#queue.push({ listener, name: "onPartitionsAssigned", partitions: added });
    if (this.#queue.length > 0) this.#onPending();
  }

  /** Undefined when nobody has to be told anything. @throws what a listener has thrown, when all have been told */
  pending(): Promise<void> | undefined {
    return this.#queue.length === 0 ? undefined : this.#tell();
  }

  async #tell(): Promise<void> {
    const failures: unknown[] = [];
    for (let call = this.#queue.shift(); call !== undefined; call = this.#queue.shift()) {
      const { listener, name, partitions } = call;
      await callListener(this.#telemetry, listener, name, partitions).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
