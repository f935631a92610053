import { Decoder } from "../../src/protocol/wire/decoder.ts";
import { Encoder } from "../../src/protocol/wire/encoder.ts";

/**
 * The production decoder refuses offsets and timestamps that a number cannot hold. Kafka's fixtures have such extremes in every
 * message, and their bytes are to be proven too: here they travel through the same layouts as bigints. The types of the layouts
 * say `number`, so this lies to them, in one place, for tests only.
 */
function asNumber(value: bigint): number {
  const disguised: unknown = value;
  return disguised as number;
}

export class ExactDecoder extends Decoder {
  protected override safeInteger(start: number): number {
    const exact = new DataView(this.buffer.buffer, this.buffer.byteOffset).getBigInt64(start);
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : asNumber(exact);
  }
  protected override fieldDecoder(start: number, end: number): Decoder {
    return new ExactDecoder(this.buffer, this.version, true, start, end);
  }
}

export class ExactEncoder extends Encoder {
  override int53(value: number | undefined, absent?: number): number {
    const disguised: unknown = value;
    if (typeof disguised !== "bigint") return super.int53(value, absent);
    this.int64(disguised);
    return asNumber(disguised);
  }
  protected override payloadEncoder(): Encoder {
    const payload = new ExactEncoder();
    payload.begin(this.version, true);
    return payload;
  }
}
