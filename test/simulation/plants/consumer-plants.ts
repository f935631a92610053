// Bugs that consumers have had.

import type { Plant } from "./plants.ts";

const CONSUMER = "src/client/consumer";
const INTAKE = `${CONSUMER}/fetch/part-intake.ts`;
const FINDER = `${CONSUMER}/positions/position-finder.ts`;
const LEADER_LOOKUPS = `${CONSUMER}/positions/leader-lookups.ts`;
const OPENER = `${CONSUMER}/records/batch-opener.ts`;

export const consumerPlants: readonly Plant[] = [
  {
    name: "one-abort-per-producer",
    bug: "of a producer, one aborted transaction is kept for an answer: the records of the second one come through",
    edits: [
      {
        file: `${CONSUMER}/records/aborted-transactions.ts`,
        search: "transactions.toSorted((one, other) => one.firstOffset - other.firstOffset);",
        replacement: "[...new Map(transactions.toReversed().map((one) => [one.producerId, one])).values()];",
      },
    ],
  },
  {
    name: "stale-fetch",
    bug: "after a seek, the answer to what was asked for before is taken for what was sought",
    edits: [
      {
        file: `${CONSUMER}/fetch/asked-partition.ts`,
        search: "    partition.course === course &&\n    partition.fetchOffset === offset &&\n",
        replacement: "    partition.course >= course &&\n    partition.fetchOffset <= Math.max(offset, partition.fetchOffset) &&\n",
      },
      {
        file: INTAKE,
        search: "const part = new FetchedPart({ partition, course, fetchOffset,",
        replacement: "const part = new FetchedPart({ partition, course: Math.max(course, partition.course), fetchOffset,",
      },
    ],
  },
  {
    name: "answer-back-too-early",
    bug: "the memory of an answer goes back while records that stand in it are in somebody's hands",
    edits: [
      {
        file: `${CONSUMER}/records/answer-memory.ts`,
        search: "if (this.#users === 0 && !this.#isKept) giveBack",
        replacement: "if (this.#users === 0) giveBack",
      },
      { file: "src/client/give-back.ts", search: "const SMALLEST = 4096;", replacement: "const SMALLEST = 1;" },
      { file: "src/client/give-back.ts", search: "const SMALLEST_TO_MOVE = 65_536;", replacement: "const SMALLEST_TO_MOVE = 1;" },
    ],
  },
  {
    name: "batch-memory-reused",
    bug: "the memory of a batch is used for the next one, while somebody keeps records of it",
    edits: [
      {
        file: OPENER,
        search: "const KEPT_WHOLE_BYTES = 65_536;",
        replacement: "const KEPT_WHOLE_BYTES = 65_536;\nconst SHARED = Buffer.alloc(KEPT_WHOLE_BYTES);",
      },
      {
        file: OPENER,
        search: "if (isCompressed || !isSmallPart(records, sizeInBytes)) {",
        replacement: "if (isCompressed || sizeInBytes > SHARED.length) {",
      },
      { file: OPENER, search: "const copy = Buffer.allocUnsafe(size);", replacement: "const copy = SHARED.subarray(0, size);" },
    ],
  },
  {
    name: "corrupt-batch-skipped",
    bug: "reading goes on behind a batch that came damaged",
    edits: [
      {
        file: `${CONSUMER}/consumer-core.ts`,
        search: "    const failures = partition.failures + 1;\n    partition.rewind();",
        replacement:
          '    const failures = partition.failures + 1;\n    const behind = error instanceof Error && "nextOffset" in error ? error.nextOffset : undefined;\n    if (typeof behind === "number") partition.advance(behind, -1);\n    partition.rewind();',
      },
    ],
  },
  {
    name: "failed-partition-forgotten",
    bug: "a partition whose fetch has failed is never asked for again",
    edits: [
      {
        file: INTAKE,
        search: "partition.retryAtMs = runtime.clock.monotonic() + backoffMs(partition.failures, config, runtime.random);",
        replacement: "partition.retryAtMs = Number.POSITIVE_INFINITY + backoffMs(partition.failures, config, runtime.random);",
      },
    ],
  },
  {
    name: "unprocessed-committed",
    bug: "what was handed out is committed before it is processed",
    edits: [
      {
        file: `${CONSUMER}/assignment/assigned-partition.ts`,
        search: "return this.unprocessedFrom ?? this.position;",
        replacement: "return this.position ?? this.unprocessedFrom;",
      },
    ],
  },
  {
    name: "cut-unnoticed",
    bug: "a new leader is never asked whether its log has what was read from the one before (KIP-320)",
    edits: [
      {
        file: FINDER,
        search: "if (fetchEpoch < 0) partition.leaderEpoch = leader.leaderEpoch;",
        replacement: "if (fetchEpoch < Number.POSITIVE_INFINITY) partition.leaderEpoch = leader.leaderEpoch;",
      },
    ],
  },
  {
    name: "cut-gone-past",
    bug: "where a log was cut, and goes on differently, reading goes on behind what was read of the old one",
    edits: [
      { file: LEADER_LOOKUPS, search: "      assigned.moveTo(divergence.offset, divergence.leaderEpoch);\n", replacement: "" },
    ],
  },
  {
    name: "cut-behind-the-reader",
    bug: "what was fetched ahead of a log that was cut is handed out, and fetching goes on behind it",
    edits: [{ file: LEADER_LOOKUPS, search: 'if (check.kind === "ahead") assigned.rewind();', replacement: "" }],
  },
  {
    name: "sought-while-made",
    bug: "records that take their time to be made are handed out, although somebody has sought elsewhere meanwhile",
    edits: [
      {
        file: `${CONSUMER}/reading/reader.ts`,
        search: "if (batch.course !== partition.course) records.length = start;",
        replacement: "",
      },
      {
        file: `${CONSUMER}/reading/taken.ts`,
        search: "  if (course !== partition.course) return false;\n",
        replacement: "  if (course > partition.course) return false;\n",
      },
    ],
  },
  {
    name: "follower-believed",
    bug: "a follower that does not have an offset is believed: reading begins anew, although its leader has it (KIP-392)",
    edits: [
      {
        file: `${CONSUMER}/fetch/fetch-verdict.ts`,
        search: 'if (exception?.kind === "reset" && isFollower) return { ...NONE, kind: "ask leader" };',
        replacement: "",
      },
    ],
  },
];
