import { crc32c } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { LateBatches } from "./late-batches.ts";
import { readBack } from "./read-back.ts";
import type { RecordBook } from "./record-book.ts";
import { ANSWERED, type Writer } from "./writer.ts";
import { writtenBatches } from "./written-batches.ts";

/** Between its deadline and the news of it: whoever was sent before is told before. */
const SLACK_MS = 100;
/** In the header of a batch. */
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;
const EXACT = "nothing is lost, doubled, mixed up, or told otherwise than it is";

/** @param writers those of the run, read when needed: they come one after the other */
export function answeredInTime(book: RecordBook, writers: readonly Writer[]): Checker {
  return {
    rule: ANSWERED,
    watch: (world) => ({
      onStep: () => {
        const now = world.clock.monotonic();
        for (const { clientId, client, options, unanswered } of writers) {
          const [first] = unanswered;
          if (first === undefined) continue;
          const [id, placeDueMs] = first;
          // Nobody is due before that; who is excused is looked up rarely.
          if (now <= placeDueMs + options.deliveryTimeoutMs + SLACK_MS && !client.isClosed) continue;
          const dueMs = world.excused(world.excused(placeDueMs) + options.deliveryTimeoutMs);
          if (now <= dueMs + SLACK_MS && !client.isClosed) continue;
          const text = client.isClosed ? "the producer is closed" : `it was to be by ${dueMs}`;
          world.violate(ANSWERED, `${clientId}: ${book.ledger.describe(id)}; ${text}`);
          return;
        }
      },
    }),
  };
}

/** Of all chapters together. */
export function exactRecords(book: RecordBook, late: LateBatches): Checker {
  return {
    rule: EXACT,
    watch: (world) => ({
      atRest: async () => {
        world.broker.network.weather = {};
        book.complete();
        const { anomalies, records, present, facts } = await readBack(world, book, late);
        world.journal.note("records", `${records} were sent, ${present} are there, ${facts} statements hold`);
        for (const anomaly of anomalies.told) {
          world.violate(EXACT, `${anomaly.kind}: ${anomaly.what}`);
        }
      },
    }),
  };
}

/** A batch whose memory was written to while it was being sent, for one, does not match its checksum. */
export const undamaged: Checker = {
  rule: "batches arrive as they were made",
  watch: (world) => ({
    onEntry: ({ kind, api, body, connection, clientId }) => {
      if (kind !== "request" || api !== "Produce") return;
      for (const { topic, partition, bytes, header } of writtenBatches(body)) {
        if (crc32c(bytes, CHECKED_FROM) === header.getUint32(CHECKSUM_AT)) continue;
        world.violate(undamaged.rule, `${clientId}: a batch of ${topic}-${partition} on connection ${connection} is damaged`);
      }
    },
  }),
};
