/** The published producer benchmark of @platformatic/kafka, as it was published, and in a form that tells more beside it. */
import type { Case, Suite } from "../suites.ts";

export interface PublishedCase extends Case {
  readonly form: "as-published" | "honest";
  readonly recordsPerSend: number;
  readonly outstanding: number;
}

/** As published. */
export const RECORDS = 100_000;
const BATCH = 100;
const records = { unit: "records", unitsPerIteration: 1, bytesPerIteration: 0 } as const;

export const publishedCases: readonly PublishedCase[] = [
  {
    name: "single/as-published",
    meaning: `${RECORDS.toLocaleString("en-US")} sends of one record (key \`111-N\`, value \`222\`, two headers) to partition 0, each awaited before the next, acks=0. All clients in one process, one after the other.`,
    ...records,
    form: "as-published",
    recordsPerSend: 1,
    outstanding: 1,
  },
  {
    name: "batch/as-published",
    meaning: `The same records in ${RECORDS / BATCH} sends of ${BATCH}. \`p50\` and \`p99\` are of a send.`,
    ...records,
    form: "as-published",
    recordsPerSend: BATCH,
    outstanding: 1,
  },
  {
    name: "single/honest",
    meaning:
      "The same record, but acks=all, 1,000 sends outstanding, and no partition given: the key decides. Each client in processes of its own, warmed up.",
    ...records,
    form: "honest",
    recordsPerSend: 1,
    outstanding: 1_000,
  },
  {
    name: "batch/honest",
    meaning: `As \`single/honest\`, but ${BATCH} records a send, and 10 sends outstanding.`,
    ...records,
    form: "honest",
    recordsPerSend: BATCH,
    outstanding: 10,
  },
];

/** In the order of the original, which has @platformatic/kafka last; kafkawire, which is not in it, comes first and finds everything cold. */
export const publishedSuite: Suite = {
  name: "published",
  cases: publishedCases,
  clients: ["kafkawire", "node-rdkafka", "kafkajs", "@platformatic/kafka"],
};
