import { ACKNOWLEDGE_ACCEPT, ACKNOWLEDGE_GAP, ACKNOWLEDGE_RELEASE, ACKNOWLEDGE_RENEW } from "../../protocol/index.ts";
import { IllegalStateError } from "../errors.ts";
import { Acknowledgement } from "./acknowledgement.ts";
import type { Lease } from "./lease.ts";
import type { OffsetRun } from "./offset-runs.ts";
import type { AnyShareRecord } from "./share-record.ts";

const UNDECIDED = -1;

/** Records of one lease that are handed out together, and what is to become of each. */
export class HandedRecords {
  readonly lease: Lease;
  readonly records: AnyShareRecord[] = [];
  /** Ascending; also of what could not be read. */
  readonly #offsets: number[] = [];
  readonly #types: number[] = [];
  readonly #recordAt: (AnyShareRecord | undefined)[] = [];
  /** Offsets that nobody gets to see: where there is no record, and what is given back unseen. */
  readonly #unseen: OffsetRun[] = [];

  constructor(lease: Lease) {
    this.lease = lease;
  }

  get isEmpty(): boolean {
    return this.#offsets.length === 0 && this.#unseen.length === 0;
  }

  /** There is something that somebody decides upon, or has heard of. */
  get hasOffsets(): boolean {
    return this.#offsets.length > 0;
  }

  get hasUndecided(): boolean {
    return this.#types.includes(UNDECIDED);
  }

  add(record: AnyShareRecord): void {
    this.records.push(record);
    this.#put(record.offset, UNDECIDED, record);
  }

  /** It cannot be read. Somebody else perhaps can, unless it is decided otherwise. */
  failed(offset: number): void {
    this.#put(offset, ACKNOWLEDGE_RELEASE, undefined);
  }

  /** There are no records. */
  gap(first: number, last: number): void {
    this.#unseen.push({ first, last, type: ACKNOWLEDGE_GAP });
  }

  /** They are to be delivered again. */
  giveBack(first: number, last: number): void {
    this.#unseen.push({ first, last, type: ACKNOWLEDGE_RELEASE });
  }

  /** False when that record is not here. */
  decide(offset: number, type: number): boolean {
    const index = indexOf(this.#offsets, offset);
    if (index === undefined) return false;
    if (type === ACKNOWLEDGE_RENEW && this.#recordAt[index] === undefined) {
      throw new IllegalStateError(`acknowledge: offset ${offset} could not be read, and is not renewed; release or reject it`);
    }
    this.#types[index] = type;
    return true;
  }

  /** What is undecided is accepted. */
  acceptAll(): void {
    for (const [index, type] of this.#types.entries()) if (type === UNDECIDED) this.#types[index] = ACKNOWLEDGE_ACCEPT;
  }

  /**
   * What is decided, for the broker, and what stays in hand. A renewal goes by itself: nothing can be fetched with it, and old brokers
   * refuse it.
   */
  take(): { readonly acknowledgements: readonly Acknowledgement[]; readonly rest: HandedRecords | undefined } {
    const { lease } = this;
    const decided: OffsetRun[] = [...this.#unseen];
    const offsets: number[] = [];
    const renewals: OffsetRun[] = [];
    const renewed = new HandedRecords(lease);
    const rest = new HandedRecords(lease);
    for (const [index, offset] of this.#offsets.entries()) {
      const type = this.#types[index]!;
      const record = this.#recordAt[index];
      if (type === UNDECIDED && record !== undefined) rest.add(record);
      else if (type === ACKNOWLEDGE_RENEW && record !== undefined) {
        renewals.push({ first: offset, last: offset, type });
        renewed.add(record);
      } else {
        decided.push({ first: offset, last: offset, type });
        offsets.push(offset);
      }
    }
    const acknowledgements: Acknowledgement[] = [];
    if (decided.length > 0) acknowledgements.push(new Acknowledgement(lease, decided, offsets));
    if (renewals.length > 0) {
      acknowledgements.push(new Acknowledgement(lease, renewals, renewed.#offsets, renewed));
    }
    return { acknowledgements, rest: rest.isEmpty ? undefined : rest };
  }

  /** The same under another lease. */
  under(lease: Lease): HandedRecords {
    const same = new HandedRecords(lease);
    for (const record of this.records) same.add(record);
    return same;
  }

  #put(offset: number, type: number, record: AnyShareRecord | undefined): void {
    this.#offsets.push(offset);
    this.#types.push(type);
    this.#recordAt.push(record);
  }
}

/** By halves. */
function indexOf(offsets: readonly number[], wanted: number): number | undefined {
  let low = 0;
  let high = offsets.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const offset = offsets[middle]!;
    if (offset === wanted) return middle;
    if (offset < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
