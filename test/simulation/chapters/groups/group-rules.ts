import type { Checker } from "../../checkers/checker.ts";
import type { World } from "../../world/world.ts";
import { finalLog } from "../readers/read-truth.ts";
import type { GroupBook, PlaceBook } from "./group-book.ts";

const FORWARD = "what a group has committed never goes back";
const AFTER = "nothing is committed before everything up to there is processed";
const ALL = "a group processes every record that counts, and commits it";

export function forwardCommits(books: readonly GroupBook[]): Checker {
  return {
    rule: FORWARD,
    watch: (world) => ({
      onStep: () => {
        for (const book of books) {
          const rewound = book.look(world);
          if (rewound !== undefined) world.violate(FORWARD, `${book.plan.id}: ${rewound}`);
        }
      },
    }),
  };
}

interface CommittedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly committedOffset: bigint | number }[];
}

/** Held against the logs in the end: what was aborted need not be processed. */
export function processedFirst(books: readonly GroupBook[]): Checker {
  return {
    rule: AFTER,
    watch: (world) => ({
      onEntry: ({ kind, api, clientId = "", body }) => {
        if (kind !== "request" || (api !== "OffsetCommit" && api !== "TxnOffsetCommit") || !isCommit(body)) return;
        const book = books.find(({ plan }) => plan.id === body.groupId);
        if (book === undefined) return;
        for (const { name, topicId, partitions } of body.topics) {
          const topic = name === "" ? (world.truth.nameOf(topicId) ?? "") : name;
          for (const { partitionIndex: partition, committedOffset } of partitions)
            book.commits(clientId, book.placeOf({ topic, partition }), Number(committedOffset));
        }
      },
      atRest: async () => {
        for (const book of books) for (const place of book.places.values()) await checkPlace(world, book, place);
      },
    }),
  };
}

async function checkPlace(world: World, { plan }: GroupBook, place: PlaceBook): Promise<void> {
  const records = await finalLog(world, place.topic, place.partition);
  const due = records.filter(({ isCommitted }) => isCommitted || plan.isolationLevel === "read_uncommitted");
  const said = `${plan.id} in ${place.name}`;
  for (const { clientId, offset, afterProcessed } of place.commits) {
    const skipped = due.find((one) => one.offset < offset && (place.processed.get(one.offset) ?? Infinity) > afterProcessed);
    if (skipped !== undefined)
      world.violate(AFTER, `${said}: ${clientId} commits ${offset}, and nobody has processed ${skipped.offset}`);
  }
  const read = due.filter(({ offset }) => offset < place.end);
  const missed = read.find(({ offset }) => !place.processed.has(offset));
  if (missed !== undefined) world.violate(ALL, `${said}: nobody has processed ${missed.offset}`);
  const end = (read.at(-1)?.offset ?? -1) + 1;
  if (place.committed < end) world.violate(ALL, `${said}: ${place.committed} is committed, and the last record is at ${end - 1}`);
  world.journal.note(
    "groups",
    `${said}: ${due.length} records, ${place.commits.length} commits, ${place.readers.size} generations`,
  );
}

function isCommit(body: unknown): body is { readonly groupId: string; readonly topics: readonly CommittedTopic[] } {
  return typeof body === "object" && body !== null && "groupId" in body && "topics" in body && Array.isArray(body.topics);
}
