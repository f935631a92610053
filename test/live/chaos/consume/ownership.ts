import type { MemberLife, PartitionName } from "./history.ts";

/** What was handed out together, both ends included. */
export interface Delivery {
  readonly atMs: number;
  readonly first: number;
  readonly last: number;
}

/** What is wrong with a delivery. */
export type DeliveryFault = "again" | "gap";

/** A partition in the hands of one member, from `assigned` until it is taken away or the member ends. */
export class Ownership {
  readonly member: string;
  readonly partition: PartitionName;
  readonly assignedMs: number;
  readonly deliveries: Delivery[] = [];
  readonly #lanes: number;
  /** By lane, the next offset that is due in it. */
  #due: number[] = [];

  constructor({ member, lanes }: MemberLife, partition: PartitionName, assignedMs: number) {
    this.member = member;
    this.partition = partition;
    this.assignedMs = assignedMs;
    this.#lanes = lanes;
  }

  /** The first that it was given: where it went on. */
  get begins(): Delivery | undefined {
    return this.deliveries[0];
  }

  /** In order, without gap and nothing twice; with several lanes, in each of them. */
  handed(delivery: Delivery): DeliveryFault | undefined {
    if (this.begins === undefined) this.#beginAt(delivery.first);
    this.deliveries.push(delivery);
    let fault: DeliveryFault | undefined;
    for (let offset = delivery.first; offset <= delivery.last; offset++) fault ??= this.#took(offset);
    return fault;
  }

  /** Of the deliveries after that moment, the first. */
  firstAfter(atMs: number): Delivery | undefined {
    const last = this.deliveries.at(-1);
    return last === undefined || last.atMs <= atMs ? undefined : this.deliveries.find((delivery) => delivery.atMs > atMs);
  }

  #beginAt(first: number): void {
    for (let offset = first; offset < first + this.#lanes; offset++) this.#due[offset % this.#lanes] = offset;
  }

  #took(offset: number): DeliveryFault | undefined {
    const lane = offset % this.#lanes;
    const due = this.#due[lane] ?? offset;
    this.#due[lane] = Math.max(due, offset + this.#lanes);
    if (offset === due) return undefined;
    return offset < due ? "again" : "gap";
  }
}
