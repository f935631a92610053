import { consumerPlants } from "./consumer-plants.ts";
import { groupPlants } from "./group-plants.ts";
import { producerPlants } from "./producer-plants.ts";

/** A bug that clients have had, as a change of our sources. */
export interface Plant {
  readonly name: string;
  /** What it makes the client do, in words. */
  readonly bug: string;
  readonly edits: readonly PlantedEdit[];
}

export interface PlantedEdit {
  readonly file: string;
  /** Must be there exactly once. */
  readonly search: string;
  readonly replacement: string;
}

const PIPELINE = "src/client/connection/request-pipeline.ts";
const MERGE = "src/client/cluster/topic-merge.ts";
const DEADLINE = "src/client/async/deadline.ts";

export const plants: readonly Plant[] = [
  {
    name: "late-answer",
    bug: "a connection lives on after a timeout, and the late answer is handed to the next request",
    edits: [
      {
        file: PIPELINE,
        search: "      this.poison(new RequestTimeoutError(",
        replacement:
          "      if (this.#inFlight.includes(lost)) this.#inFlight.splice(this.#inFlight.indexOf(lost), 1);\n      else this.poison(new RequestTimeoutError(",
      },
      {
        file: PIPELINE,
        search: "if (correlationId !== pending.facts.correlationId) {",
        replacement: "if (correlationId > pending.facts.correlationId) {",
      },
    ],
  },
  {
    name: "older-epoch",
    bug: "metadata with an older leader epoch replace newer ones",
    edits: [
      {
        file: MERGE,
        search: "if (hasEpochs && leaderEpoch < known.leaderEpoch && (hasIds || isTolerant)) return known;",
        replacement: "",
      },
    ],
  },
  {
    name: "lost-timeout",
    bug: "a request that was sent has no timeout of its own: its connection waits for ever",
    edits: [
      {
        file: PIPELINE,
        search: "const unanswered = [...this.#inFlight, ...this.#leaving];",
        replacement: "const unanswered = [...this.#inFlight, ...this.#leaving].slice(0, 0);",
      },
      {
        file: PIPELINE,
        search: "next = Math.min(next, pending.isSettled ? pending.brokerDueMs : pending.dueMs);",
        replacement: "next = Math.min(next, pending.isSettled ? next : next);",
      },
    ],
  },
  {
    name: "no-deadline",
    bug: "whoever waits for something that never comes waits for ever",
    edits: [
      {
        file: DEADLINE,
        search: "if (Number.isFinite(this.atMs)) wait.timer =",
        replacement: "if (Number.isNaN(this.atMs)) wait.timer =",
      },
    ],
  },
  {
    name: "wall-clock",
    bug: "deadlines are measured by the wall clock, which somebody may set",
    edits: [
      { file: DEADLINE, search: "startMs: number = clock.monotonic()", replacement: "startMs: number = clock.now()" },
      {
        file: DEADLINE,
        search: "Math.max(0, this.atMs - this.clock.monotonic())",
        replacement: "Math.max(0, this.atMs - this.clock.now())",
      },
      { file: DEADLINE, search: "this.clock.monotonic() >= this.atMs", replacement: "this.clock.now() >= this.atMs" },
    ],
  },
  {
    name: "no-backoff",
    bug: "after a failure the next attempt follows at once",
    edits: [
      {
        file: "src/client/async/exponential-backoff.ts",
        search: "return Math.max(0, Math.min(maxMs, jittered));",
        replacement: "return Math.max(0, Math.min(0, jittered));",
      },
    ],
  },
  {
    name: "leaked-socket",
    bug: "a connection that is over leaves its socket open",
    edits: [{ file: PIPELINE, search: "    this.#socket?.destroy();\n", replacement: "" }],
  },
  {
    name: "recreated-topic",
    bug: "a topic that was deleted and created again is taken for the old one, whose leader epochs were higher",
    edits: [
      {
        file: MERGE,
        search: "topicId !== ZERO_UUID && known.topicId !== topicId;",
        replacement: 'topicId !== ZERO_UUID && known.topicId === "";',
      },
    ],
  },
  {
    name: "mixed-up-partitions",
    bug: "in an answer about several topics, partitions of one number are taken for each other",
    edits: [
      {
        file: "src/client/leaders/leader-request.ts",
        search: "const row = rows.get(placeOf(item));",
        replacement: "const row = [...rows.values()].find(({ partition }) => partition === item.partition);",
      },
    ],
  },
  ...producerPlants,
  ...consumerPlants,
  ...groupPlants,
];
