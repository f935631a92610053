import { MalformedMessageError, type ShareFetchAcquiredRecords } from "../../protocol/index.ts";

interface OffsetRange {
  readonly first: number;
  readonly last: number;
}

/** Which offsets of an answer are locked for this consumer. They are asked about in their order. */
export class AcquiredRanges {
  readonly #ranges: readonly ShareFetchAcquiredRecords[];
  #index = 0;

  /** @throws MalformedMessageError when they are not ascending, so that no offset is two things at once */
  constructor(ranges: readonly ShareFetchAcquiredRecords[]) {
    let end = -1;
    for (const { firstOffset, lastOffset, deliveryCount } of ranges) {
      if (!(firstOffset > end && lastOffset >= firstOffset && deliveryCount >= 0)) {
        throw new MalformedMessageError(
          `acquired records ${firstOffset} to ${lastOffset} (delivery ${deliveryCount}) follow those up to ${end}`,
        );
      }
      end = lastOffset;
    }
    this.#ranges = ranges;
  }

  /** How often that record was delivered, with this time; undefined when it is not ours. */
  deliveryCount(offset: number): number | undefined {
    const range = this.#upTo(offset);
    return range !== undefined && range.firstOffset <= offset ? range.deliveryCount : undefined;
  }

  /** What of them lies between two offsets, themselves included. */
  within(first: number, last: number): OffsetRange[] {
    const found: OffsetRange[] = [];
    this.#upTo(first);
    for (let index = this.#index; index < this.#ranges.length; index++) {
      const { firstOffset, lastOffset } = this.#ranges[index]!;
      if (firstOffset > last) break;
      found.push({ first: Math.max(first, firstOffset), last: Math.min(last, lastOffset) });
    }
    return found;
  }

  #upTo(offset: number): ShareFetchAcquiredRecords | undefined {
    const ranges = this.#ranges;
    while (this.#index < ranges.length && ranges[this.#index]!.lastOffset < offset) this.#index++;
    return ranges[this.#index];
  }
}
