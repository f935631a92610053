/** Has batches compressed, off the event loop where their codec can. */
import type { KafkaError } from "../../../protocol/index.ts";
import type { PartitionQueue } from "../accumulator/partition-queue.ts";
import type { Packing, ProducerBatch } from "../accumulator/producer-batch.ts";
import { asKafkaError } from "../verdict.ts";

/** As many as libuv has threads. Each codec at work has memory of its own, megabytes with zstd: more at once would only take more. */
const AT_ONCE = 4;

export interface PackerInit {
  readonly packing: Packing;
  /** A batch can leave now. */
  readonly onPacked: () => void;
  readonly onFailed: (partition: PartitionQueue, batch: ProducerBatch, error: KafkaError) => void;
}

export class Packer {
  readonly #init: PackerInit;
  #underWay = 0;

  constructor(init: PackerInit) {
    this.#init = init;
  }

  /** Whether it is packed; otherwise `onPacked` follows. */
  isPacked(partition: PartitionQueue, batch: ProducerBatch): boolean {
    if (batch.isPacked) return true;
    if (batch.isPacking || this.#underWay >= AT_ONCE) return false;
    try {
      const packing = batch.pack(this.#init.packing);
      if (packing !== undefined) void this.#wait(partition, batch, packing);
    } catch (error) {
      this.#init.onFailed(partition, batch, asKafkaError(error));
    }
    return batch.isPacked;
  }

  /** Those that are full may as well begin, while others are on their way. */
  begin(partition: PartitionQueue): void {
    if (this.#init.packing.compression === "none") return;
    for (const batch of partition.waiting) {
      if (batch.isOpen || this.#underWay >= AT_ONCE) return;
      this.isPacked(partition, batch);
    }
  }

  async #wait(partition: PartitionQueue, batch: ProducerBatch, packing: Promise<Error | undefined>): Promise<void> {
    this.#underWay++;
    const error = await packing;
    this.#underWay--;
    if (error !== undefined) this.#init.onFailed(partition, batch, asKafkaError(error));
    // The next of its partition: it will be wanted soon.
    this.begin(partition);
    this.#init.onPacked();
  }
}
