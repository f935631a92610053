/** What the suites have in common, and the suite `protocol`, whose cases are implemented by one file per client. */

export interface Case {
  readonly name: string;
  /** Left out where the name says how it differs from the case above. */
  readonly meaning?: string;
  /** What `perSecond` counts, and how many of them one iteration is. */
  readonly unit: "records" | "calls" | "topics" | "consumers";
  /** What `perSecond` is called where it is not so many a second. */
  readonly rate?: string;
  readonly unitsPerIteration: number;
  /** For `mbPerSecond`; 1 MB is 10^6 bytes. */
  readonly bytesPerIteration: number;
  /** Of a case that only kafkawire has: the peers' case that it is held against. */
  readonly against?: string;
  /** The table that it is shown in with others; without it, one of its own. */
  readonly table?: string;
}

export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
  readonly clients: readonly string[];
  /** Whether a table of all cases and clients comes before those of the cases. */
  readonly hasOverview?: boolean;
  /** How many there are unless said otherwise, and the fewest that are kept: 5 and 3, but where a run sees much by itself. */
  readonly runs?: number;
}

const RECORDS = 10_000;
/** Key and value, not the frame around them: what the application gets or gives. */
const PAYLOAD_BYTES = RECORDS * 100;
const MEBIBYTE = 1 << 20;

const records = { unit: "records", unitsPerIteration: RECORDS, bytesPerIteration: PAYLOAD_BYTES } as const;

export const protocolSuite: Suite = {
  name: "protocol",
  clients: ["kafkawire", "kafkajs", "@platformatic/kafka"],
  cases: [
    {
      name: "decode-fetch",
      meaning:
        "Decode a whole Fetch v11 response frame (one partition, 10,000 records of a 10-byte key and a 90-byte value, in 67 uncompressed batches of 150) and read every record's value as bytes. kafkawire checks the CRC of every batch, as it does by default, and uses its cursor; the peers check no CRC and have no cheaper way than their objects.",
      ...records,
    },
    {
      name: "decode-fetch-iterate",
      meaning:
        "As `decode-fetch`, but kafkawire goes through the records with `for…of`, which makes an object for each as the peers do.",
      ...records,
    },
    {
      name: "decode-fetch-unchecked",
      meaning: "As `decode-fetch`, with kafkawire's CRC check switched off, as no peer checks it.",
      ...records,
    },
    {
      name: "decode-fetch-fields",
      meaning:
        "The same frame, reading key, value, offset and timestamp of every record from an object per record that the application may keep. kafkawire checks the CRCs.",
      ...records,
    },
    {
      name: "encode-batch",
      meaning:
        "Encode 10,000 such records, given as Buffers with timestamps, into one uncompressed record batch (format 2) in one contiguous Buffer, its CRC included.",
      ...records,
    },
    {
      name: "crc32c",
      meaning:
        "CRC-32C of 1 MiB. kafkawire computes it in WebAssembly (in JavaScript where there is none), kafkajs in JavaScript; @platformatic/kafka loads a native addon (@node-rs/crc32).",
      unit: "calls",
      unitsPerIteration: 1,
      bytesPerIteration: MEBIBYTE,
    },
  ],
};
