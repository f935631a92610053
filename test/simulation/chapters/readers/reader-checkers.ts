import type { Checker } from "../../checkers/checker.ts";
import { CLAIMED, EXACT, finalLog, ReadTruth } from "./read-truth.ts";
import type { ReadingLog } from "./reading-log.ts";
import { detectsCuts, recordsOf, type Shelf } from "./shelf.ts";

/** What was handed out is what the logs hold. */
export function exactReading(shelf: Shelf, log: ReadingLog): Checker {
  return {
    rule: EXACT,
    watch: (world) => ({
      atRest: async () => {
        const truths = new Map<string, ReadTruth>();
        const truthOf = async (topic: string, partition: number): Promise<ReadTruth> => {
          const place = `${topic}-${partition}`;
          let truth = truths.get(place);
          if (truth === undefined) {
            const history = shelf.historyOf(topic, partition);
            history?.complete(recordsOf(world, partition));
            truth = new ReadTruth(await finalLog(world, topic, partition), history, detectsCuts(world));
            truths.set(place, truth);
          }
          return truth;
        };
        for (const stretch of log.stretches) {
          const fault = (await truthOf(stretch.init.topic, stretch.init.partition)).faultOf(stretch);
          if (fault !== undefined) world.violate(EXACT, `${stretch.place}: ${fault}`);
        }
        for (const claim of log.claimed) {
          const fault = (await truthOf(claim.topic, claim.partition)).faultOfClaim(claim);
          if (fault !== undefined) world.violate(CLAIMED, `${claim.what} went from ${claim.from} to ${claim.to}, but ${fault}`);
        }
        const records = log.stretches.reduce((sum, { seen }) => sum + seen.length, 0);
        world.journal.note("readers", `${records} records were read in ${log.stretches.length} stretches`);
      },
    }),
  };
}

interface CommittedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly committedOffset: bigint | number }[];
}

export function honestCommits(log: ReadingLog): Checker {
  return {
    rule: CLAIMED,
    watch: (world) => ({
      onEntry: ({ kind, api, clientId, body }) => {
        if (kind !== "request" || api !== "OffsetCommit" || !isCommit(body)) return;
        const reader = log.readers.find(({ client }) => client.clientId === clientId);
        if (reader === undefined) return;
        for (const { name, topicId, partitions } of body.topics) {
          const topic = name === "" ? (world.truth.nameOf(topicId) ?? "") : name;
          for (const { partitionIndex, committedOffset } of partitions)
            reader.commits(topic, partitionIndex, Number(committedOffset));
        }
      },
    }),
  };
}

function isCommit(body: unknown): body is { readonly topics: readonly CommittedTopic[] } {
  return typeof body === "object" && body !== null && "topics" in body && Array.isArray(body.topics);
}
