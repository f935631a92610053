import { Metadata } from "../../protocol/index.ts";
import { addressOf } from "../leaders/item-failure.ts";
import { type AdminContext, type CallOptions, itemError } from "./admin-context.ts";
import { metadataRequestForAll } from "./metadata-request.ts";

export interface ListTopicsOptions extends CallOptions {
  /** Also those in which Kafka keeps its own books, as `__consumer_offsets`. Default false. */
  readonly includeInternal?: boolean;
}

/** The names of all topics that the client may see, sorted. */
export async function listTopics(
  { cluster, deadline }: AdminContext,
  { includeInternal = false }: ListTopicsOptions = {},
): Promise<string[]> {
  const answer = await cluster.ask(
    Metadata,
    metadataRequestForAll,
    { kind: "any" },
    { deadline, errorsIn: ({ errorCode }) => [errorCode] },
  );
  const { body } = answer;
  // An answer that failed as a whole has no topics in it, which does not mean that there are none.
  const error = itemError(body.errorCode, undefined, { api: Metadata.name, broker: addressOf(answer) });
  if (error !== undefined) throw error;
  return body.topics.flatMap(({ name, isInternal }) => (name === null || (isInternal && !includeInternal) ? [] : [name])).sort();
}
