import { brokerSideCheckers } from "../checkers/broker-side.ts";
import { callCheckers } from "../checkers/calls.ts";
import { paceCheckers } from "../checkers/pace.ts";
import { answerFaults } from "../faults/answer-faults.ts";
import { clusterFaults } from "../faults/cluster-faults.ts";
import { AdminChapter } from "./admin/admin-chapter.ts";
import type { Chapter } from "./chapter.ts";
import { ConnectionsChapter } from "./connections/connections-chapter.ts";
import { GroupsChapter } from "./groups/groups-chapter.ts";
import { MetadataChapter } from "./metadata/metadata-chapter.ts";
import { LateBatches } from "./producers/late-batches.ts";
import { ProducersChapter } from "./producers/producers-chapter.ts";
import { RecordBook } from "./producers/record-book.ts";
import { ReadersChapter } from "./readers/readers-chapter.ts";
import { TransactionsChapter } from "./transactions/transactions-chapter.ts";

/** What holds for every kind of client, and may go wrong for all of them. */
const everybody: Chapter = {
  name: "everybody",
  faults: [...clusterFaults, ...answerFaults],
  checkers: [...callCheckers, ...paceCheckers, ...brokerSideCheckers],
};

/** For one run. All chapters are in every run: what one does is weather for the others. */
export function makeChapters(): readonly Chapter[] {
  const book = new RecordBook();
  const late = new LateBatches();
  return [
    everybody,
    new ConnectionsChapter(),
    new MetadataChapter(),
    new AdminChapter(),
    new ProducersChapter(book, late),
    new TransactionsChapter(book, late),
    new ReadersChapter(book, late),
    new GroupsChapter(late),
  ];
}
