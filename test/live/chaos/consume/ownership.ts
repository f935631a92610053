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
  /** By lane, the first that came. */
  readonly #firsts: number[] = [];
  /** By lane, the next offset that is due in it. */
  readonly #due: number[] = [];

  constructor({ member, lanes }: MemberLife, partition: PartitionName, assignedMs: number) {
    this.member = member;
    this.partition = partition;
    this.assignedMs = assignedMs;
    this.#lanes = lanes;
  }

  /** Where it went on, and when; undefined for an owner that was handed nothing. */
  get beginning(): Pick<Delivery, "atMs" | "first"> | undefined {
    const [delivery] = this.deliveries;
    return delivery && { atMs: delivery.atMs, first: this.#lowest };
  }

  /**
   * Where it went on, if so much was committed. A lane that has not begun yet, for the partition was taken away before, may have had an
   * earlier offset than all that have.
   */
  beginningAfter(committed: number): number {
    const haveAllBegun = Object.keys(this.#firsts).length === this.#lanes;
    return haveAllBegun ? this.#lowest : Math.min(this.#lowest, committed);
  }

  /** Whether a lane has begun behind the first offset that it has from there on. */
  hasLeftOut(from: number): boolean {
    return this.#firsts.some((first) => first >= from + this.#lanes);
  }

  /** An offset at which a lane should have begun earlier: what is before it in its lane was left out. */
  get leftOut(): number | undefined {
    return this.#firsts.find((first) => first >= this.#lowest + this.#lanes);
  }

  /** In order, without gap and nothing twice; with several lanes, in each of them. */
  handed(delivery: Delivery): DeliveryFault | undefined {
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

  /** Whatever lane is served first. */
  get #lowest(): number {
    return this.#firsts.reduce((lowest, first) => Math.min(lowest, first), Number.POSITIVE_INFINITY);
  }

  #took(offset: number): DeliveryFault | undefined {
    const lane = offset % this.#lanes;
    this.#firsts[lane] ??= offset;
    const due = this.#due[lane] ?? offset;
    this.#due[lane] = Math.max(due, offset + this.#lanes);
    if (offset === due) return undefined;
    return offset < due ? "again" : "gap";
  }
}
