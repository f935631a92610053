// Bugs that producers have had.

import type { Plant } from "./plants.ts";

const PRODUCER = "src/client/producer";
const SENDER = `${PRODUCER}/sender/sender.ts`;
const OUTCOMES = `${PRODUCER}/sender/outcomes.ts`;
const SETTLEMENTS = `${PRODUCER}/accumulator/settlements.ts`;
const PARTITION_QUEUE = `${PRODUCER}/accumulator/partition-queue.ts`;
const TRANSACTION = `${PRODUCER}/transaction`;

export const producerPlants: readonly Plant[] = [
  {
    name: "sequence-of-retry",
    bug: "a batch that is sent again gets another sequence number, and so is another one to the broker",
    edits: [
      {
        file: SENDER,
        search: "batch.stamp ??= partition.sequences.assign(batch.recordCount);",
        replacement: "batch.stamp = partition.sequences.assign(batch.recordCount);",
      },
    ],
  },
  {
    name: "sequence-of-parts",
    bug: "the parts of a batch that was too large all have the sequence number of the whole",
    edits: [
      {
        file: `${PRODUCER}/sender/split-batch.ts`,
        search: "sequenceAfter(whole.stamp.baseSequence, first)",
        replacement: "sequenceAfter(whole.stamp.baseSequence, 0 * first)",
      },
    ],
  },
  {
    name: "buffer-reused",
    bug: "the memory of a batch whose time is over is used for the next one, while a socket still reads it (CVE-2026-35554)",
    edits: [
      { file: SETTLEMENTS, search: "if (!partition.inFlight.includes(batch)) this.free(batch);", replacement: "this.free(batch);" },
      {
        file: `${PRODUCER}/accumulator/shared-bytes.ts`,
        search: "if (this.#isGivenUp && this.#sockets === 0) this.#pool.release(this.bytes);",
        replacement: "if (this.#isGivenUp && this.#sockets < 100) this.#pool.release(this.bytes);",
      },
    ],
  },
  {
    name: "lost-answer",
    bug: "a request whose answer was lost is taken for one that was never carried out",
    edits: [
      {
        file: OUTCOMES,
        search: 'applied: outcome === "unknown" ? "possibly" : "no"',
        replacement: 'applied: outcome === "unknown" ? "no" : "no"',
      },
    ],
  },
  {
    name: "retry-at-the-end",
    bug: "a batch that is sent again goes behind those that were sent after it",
    edits: [
      {
        file: PARTITION_QUEUE,
        search: "if (behind === -1) this.waiting.push(batch);",
        replacement: "if (behind < Infinity) this.waiting.push(batch);",
      },
    ],
  },
  {
    name: "told-too-early",
    bug: "what became of a batch is told before what became of an earlier one is known",
    edits: [
      {
        file: PARTITION_QUEUE,
        search: "    return count === 0 ? [] : this.#unsettled.splice(0, count);",
        replacement:
          "    const told = this.#unsettled.filter(({ outcome }) => outcome !== undefined);\n    for (const batch of told) this.#remove(this.#unsettled, batch);\n    return told;",
      },
    ],
  },
  {
    name: "early-epoch",
    bug: "a new epoch is begun while nobody knows whether a batch of the old one was written: then it is written twice",
    edits: [
      {
        file: `${PRODUCER}/sender/departure.ts`,
        search: "if (identity !== undefined && batch.stamp !== undefined && batch.isPossiblyPersisted) return true;",
        replacement: "",
      },
    ],
  },
  {
    name: "early-flush",
    bug: "a flush does not wait for what is on its way already",
    edits: [
      {
        file: SETTLEMENTS,
        search: "for (const partition of this.#watched) for (const batch of partition.unsettled) batch.addFlush(flush);",
        replacement: "for (const partition of this.#watched) for (const batch of partition.waiting) batch.addFlush(flush);",
      },
    ],
  },
  {
    name: "leaked-memory",
    bug: "a batch that was split keeps its memory for ever",
    edits: [
      {
        file: `${PRODUCER}/sender/split-batch.ts`,
        search: "part.heldBytes = isLast ? leftBytes :",
        replacement: "part.heldBytes = isLast ? 1 :",
      },
    ],
  },
  {
    name: "commit-without-a-record",
    bug: "a transaction is committed although one of its records has failed",
    edits: [
      {
        file: `${TRANSACTION}/transactions.ts`,
        search: "if (told.fatal || !isLate) this.#failWith(told, told.severity);",
        replacement: "if (told.fatal && !isLate) this.#failWith(told, told.severity);",
      },
    ],
  },
  {
    name: "codec-failure-unnoticed",
    bug: "a transaction is committed although a batch of it could not be compressed",
    edits: [
      {
        file: `${TRANSACTION}/transactions.ts`,
        search: 'if (told instanceof IllegalStateError) told.severity = "abortable";',
        replacement: "",
      },
    ],
  },
  {
    name: "aborted-yet-to-be-called-again",
    bug: "transaction() has aborted, and asks to be called again as if nobody knew",
    edits: [{ file: `${TRANSACTION}/run-transaction.ts`, search: "return decided(error);", replacement: "return error;" }],
  },
  {
    name: "overtaken-serializer",
    bug: "a record that is serialized at once overtakes those whose serializers take their time",
    edits: [
      {
        file: `${PRODUCER}/accumulator/record-intake.ts`,
        search: "return topic.waiting.length === 0 &&",
        replacement: "return topic.waiting.length >= 0 &&",
      },
    ],
  },
  {
    name: "partition-forgotten",
    bug: "partitions that a coordinator did not add to a transaction because of another one are thought to be part of it",
    edits: [
      {
        file: `${TRANSACTION}/partition-answers.ts`,
        search: "    if (code === 0) {",
        replacement: "    if (code === 0 || code === OPERATION_NOT_ATTEMPTED) {",
      },
      {
        file: `${TRANSACTION}/partition-answers.ts`,
        search: "const UNKNOWN_SERVER_ERROR =",
        replacement: 'const OPERATION_NOT_ATTEMPTED = errorByName("OPERATION_NOT_ATTEMPTED").code;\nconst UNKNOWN_SERVER_ERROR =',
      },
    ],
  },
  {
    name: "batch-before-the-coordinator-knows",
    bug: "batches leave for a partition that was not added to the transaction yet",
    edits: [
      {
        file: `${TRANSACTION}/transactions.ts`,
        search: "return this.#open?.transaction.isAdded(topic, partition) === true;",
        replacement: "return this.#open?.transaction.isKnown(topic, partition) === true;",
      },
    ],
  },
  {
    name: "ended-before-answered",
    bug: "a transaction is aborted while requests with its records are on their way",
    edits: [
      {
        file: `${TRANSACTION}/transactions.ts`,
        search: 'if (!("step" in state) || state.step !== "flushing") return;\n    await this.#init.host.flush(deadline);',
        replacement:
          'if (!("step" in state) || state.step !== "flushing" || state.name === "ABORTING") return;\n    await this.#init.host.flush(deadline);',
      },
    ],
  },
];
