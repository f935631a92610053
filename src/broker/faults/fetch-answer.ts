/** Finds and replaces the records in a fetch answer; the log's own are not touched. */

interface Partition {
  readonly partitionIndex: number;
  readonly records?: Uint8Array | null;
}

interface FetchAnswer {
  readonly responses?: readonly { readonly topic?: string; readonly partitions: readonly Partition[] }[];
}

/** Whether a place is one of those whose records are asked for. */
export type PlaceFilter = (topic: string, partition: number) => boolean;

export function hasRecords(answer: unknown, isWanted: PlaceFilter): boolean {
  const { responses = [] } = answer as FetchAnswer;
  return responses.some(({ topic = "", partitions }) =>
    partitions.some((one) => isFilled(one.records) && isWanted(topic, one.partitionIndex)),
  );
}

export function withAlteredRecords(answer: unknown, isWanted: PlaceFilter, alter: (records: Uint8Array) => Uint8Array): unknown {
  const { responses = [] } = answer as FetchAnswer;
  return {
    ...(answer as object),
    responses: responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((one) =>
        isFilled(one.records) && isWanted(topic.topic ?? "", one.partitionIndex) ? { ...one, records: alter(one.records) } : one,
      ),
    })),
  };
}

function isFilled(records: Uint8Array | null | undefined): records is Uint8Array {
  return records != null && records.length > 0;
}
