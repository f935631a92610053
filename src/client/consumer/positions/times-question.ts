import { errorByName, type ListOffsetsRequest, type ListOffsetsResponse } from "../../../protocol/index.ts";
import type { LeaderQuestion } from "../../leaders/leader-request.ts";
import { type ListedRow, type ListOffsetsQuestion, listOffsetsQuestion } from "../../leaders/list-offsets-question.ts";
import type { PartitionItem } from "../../leaders/partition-item.ts";

const UNSUPPORTED_FOR_MESSAGE_FORMAT = errorByName("UNSUPPORTED_FOR_MESSAGE_FORMAT").code;
const NONE = 0;
const NOTHING_FOUND = { errorCode: NONE, offset: -1, timestamp: -1, leaderEpoch: -1 };

/** Which is the first record of a time or later? In a topic whose records have no times (before 0.10) none is, as in Java. */
export function timesQuestion<Item extends PartitionItem>(
  asked: ListOffsetsQuestion<Item>,
): LeaderQuestion<Item, ListOffsetsRequest, ListOffsetsResponse, ListedRow> {
  const question = listOffsetsQuestion(asked);
  return {
    ...question,
    rows: (response) =>
      question.rows(response).map((row) => (row.errorCode === UNSUPPORTED_FOR_MESSAGE_FORMAT ? { ...row, ...NOTHING_FOUND } : row)),
  };
}
