import type { ClientTelemetry } from "../../telemetry/client-telemetry.ts";
import type { RebalanceListener } from "../assignment/subscription.ts";
import type { TopicPartition } from "../topic-partition.ts";

type Name = keyof RebalanceListener;

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
    const names = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition });
    if (removed.length > 0) this.#queue.push({ listener, name: "onPartitionsRevoked", partitions: removed.map(names) });
    if (added.length > 0) this.#queue.push({ listener, name: "onPartitionsAssigned", partitions: added.map(names) });
    if (this.#queue.length > 0) this.#onPending();
  }

  /** Undefined when nobody has to be told anything. @throws what a listener has thrown, when all have been told */
  pending(): Promise<void> | undefined {
    return this.#queue.length === 0 ? undefined : this.#tell();
  }

  async #tell(): Promise<void> {
    const failures: unknown[] = [];
    for (let call = this.#queue.shift(); call !== undefined; call = this.#queue.shift()) {
      try {
        await call.listener[call.name]?.(call.partitions);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        this.#telemetry.warning("CALLBACK_FAILED", `${call.name} has thrown: ${said}`, { error: said });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
