import type { Codecs, DecodeBatchOptions } from "../../../protocol/index.ts";
import { PartDeserializer } from "../../serializers/part-deserializer.ts";
import type { Deserializer } from "../../serializers/serializer.ts";

export interface RecordSettingsInit {
  /** Whether the checksum of every batch is verified. */
  readonly checkCrcs: boolean;
  readonly codecs: Codecs;
  readonly keyDeserializer?: Deserializer<unknown> | undefined;
  readonly valueDeserializer?: Deserializer<unknown> | undefined;
  /** How many bytes a compressed batch may unfold to. */
  readonly maxOutputBytes?: number | undefined;
  /** A share consumer reads. */
  readonly isShared?: boolean;
}

/** How records are read: one object per consumer, with all that need not be made anew for every batch. */
export class RecordSettings {
  readonly decoding: DecodeBatchOptions;
  /** For a batch that was verified already. */
  readonly decodingAgain: DecodeBatchOptions;
  readonly hasDeserializers: boolean;
  readonly keys: PartDeserializer;
  readonly values: PartDeserializer;

  constructor({ checkCrcs, codecs, keyDeserializer, valueDeserializer, maxOutputBytes, isShared }: RecordSettingsInit) {
    const limit = maxOutputBytes === undefined ? {} : { maxOutputBytes };
    this.decoding = { checkCrc: checkCrcs, codecs, ...limit };
    this.decodingAgain = { ...this.decoding, checkCrc: false };
    this.hasDeserializers = keyDeserializer !== undefined || valueDeserializer !== undefined;
    this.keys = new PartDeserializer("key", keyDeserializer, isShared);
    this.values = new PartDeserializer("value", valueDeserializer, isShared);
  }
}
