/** Which loads the suite `broker` consists of. */
import type { Case, Suite } from "../suites.ts";
import { type Load, PARTITIONS } from "./load.ts";

export interface BrokerCase extends Case {
  readonly load: Load;
  /** With `--quick`. */
  readonly quickLoad: Load;
}

const VALUE_BYTES = 100;
const MILLION = 1_000_000;
const KEPT_BYTES = 16 * 1024 * 1024;

const records = { unit: "records", unitsPerIteration: 1, bytesPerIteration: VALUE_BYTES } as const;
const nothingKept = { codec: "none", retentionBytes: 0 } as const;
const inLoad: Load = { program: "in", ...nothingKept, warmRecords: MILLION, records: 3 * MILLION };
const outLoad: Load = { program: "out", ...nothingKept, warmRecords: 3 * MILLION, records: 3 * MILLION };
const quickIn: Load = { ...inLoad, warmRecords: 500_000, records: MILLION };
const quickOut: Load = { ...outLoad, warmRecords: MILLION, records: MILLION };
const lz4 = { codec: "lz4" } as const;
const admin: Load = { program: "admin", ...nothingKept, warmRecords: 0, records: 0 };
const memory: Load = { ...inLoad, warmRecords: MILLION, records: 20 * MILLION, retentionBytes: KEPT_BYTES };

const IN = `One idempotent producer (acks=all, five requests in flight, batches of up to 1 MB) writes 3,000,000 records with a value of 100 bytes and no key into a topic of ${PARTITIONS} partitions, after 1,000,000 to warm up.`;
const OUT = `One consumer reads the 3,000,000 records of such a topic from the beginning, after a round to warm up. It checks the offset of every record, and the CRCs of all values against what was written.`;

export const brokerCases: readonly BrokerCase[] = [
  { name: "in/100B/none", meaning: IN, ...records, load: inLoad, quickLoad: quickIn },
  { name: "out/100B/none", meaning: OUT, ...records, load: outLoad, quickLoad: quickOut },
  {
    name: "in/100B/lz4",
    meaning: "As `in/100B/none`, in batches that the producer compresses with LZ4. The broker unfolds each to check its records.",
    ...records,
    load: { ...inLoad, ...lz4 },
    quickLoad: { ...quickIn, ...lz4 },
  },
  {
    name: "out/100B/lz4",
    meaning: "As `out/100B/none`, from batches compressed with LZ4, which the broker passes on as they are.",
    ...records,
    load: { ...outLoad, ...lz4 },
    quickLoad: { ...quickOut, ...lz4 },
  },
  {
    name: "admin/1000x10",
    meaning:
      "1,000 topics of 10 partitions are created in one request (_create_), described with DescribeTopicPartitions, page after page, until all are there (_describe_), and fetched with one Metadata request (_metadata_). On a broker that has just started; nothing is warmed up.",
    unit: "topics",
    unitsPerIteration: 1,
    bytesPerIteration: 0,
    load: admin,
    quickLoad: admin,
  },
  {
    name: "memory",
    meaning:
      "As `in/100B/none`, but 20,000,000 records, 2 GB, go into a topic whose partitions keep 16 MiB each (`retention.bytes`). What counts is the peak RSS.",
    ...records,
    load: memory,
    quickLoad: { ...memory, records: 3 * MILLION },
  },
];

export const brokerSuite: Suite = { name: "broker", cases: brokerCases, clients: ["franz-go"] };
