import { ListPartitionReassignments } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";

/** Reassignments are complete at once (`alter-partition-reassignments.ts`), so that there are never any to list. */
export const handler: Handler = defineHandler(ListPartitionReassignments, {
  answer: () => ({ errorMessage: null, topics: [] }),
  refuse: (_request, errorCode) => ({ errorCode, errorMessage: null }),
});
