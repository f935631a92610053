import { codeOf } from "../../error-codes.ts";
import type { RequestContext } from "../../request-context.ts";
import { downConverted, readableMagic } from "./down-conversion.ts";
import { type FetchResult, NO_RECORDS } from "./fetch-result.ts";

const FIRST_VERSION_WITH_ZSTD = 10;
/** Up to this version batches that do not fit are cut off. */
const LAST_VERSION_WITH_HARD_LIMIT = 2;

export interface AnsweredRecords {
  readonly errorCode: number;
  readonly records: Uint8Array;
}

/** The records as this version of Fetch can carry them. */
export function answeredRecords(result: FetchResult, { cluster, version }: RequestContext): AnsweredRecords {
  const { wanted, records, errorCode } = result;
  if (version < FIRST_VERSION_WITH_ZSTD) {
    const topic = wanted.topic === undefined ? undefined : cluster.topics.get(wanted.topic);
    if (topic?.configs.string("compression.type") === "zstd") return unsupported();
  }
  const magic = readableMagic(version);
  if (magic === 2 || records.length === 0) return { errorCode, records };
  const converted = downConverted(records, magic, wanted.fetchOffset);
  if (converted === undefined) return unsupported();
  const isCut = version <= LAST_VERSION_WITH_HARD_LIMIT && converted.length > wanted.maxBytes;
  return { errorCode, records: isCut ? converted.subarray(0, wanted.maxBytes) : converted };
}

function unsupported(): AnsweredRecords {
  return { errorCode: codeOf("UNSUPPORTED_COMPRESSION_TYPE"), records: NO_RECORDS };
}
