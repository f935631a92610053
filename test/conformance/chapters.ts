import {
  apiRows,
  dataFixtures,
  errorRows,
  FIXTURES_FOLDER,
  invalidRecordsFixtures,
  messageFixtures,
  oldMessageFixtures,
  primitiveFixtures,
  recordsFixtures,
} from "../support/fixtures.ts";
import { OLD_ORACLE_VERSION, schemas, startOracle } from "../support/oracle.ts";
import type { OracleServer } from "../support/oracle-server.ts";
import { checkRandomGroups } from "./assignors.ts";
import { checkData } from "./data.ts";
import { checkRandomMessages } from "./differential.ts";
import { checkMessages } from "./messages.ts";
import { checkPrefixes } from "./prefixes.ts";
import { checkPrimitives } from "./primitives.ts";
import { checkInvalidRecords, checkRecords } from "./records.ts";
import { checkDroppedVersions, checkSchemas } from "./schema.ts";
import { checkApiTable, checkErrorTable } from "./tables.ts";
import type { Tally } from "./tally.ts";
import { checkWrittenRecords } from "./written-records.ts";

export interface Chapter {
  readonly name: string;
  run(tally: Tally): void | Promise<void>;
}

/** What needs nothing but the fixtures in a folder. */
export function fixtureChapters(folder: string = FIXTURES_FOLDER): readonly Chapter[] {
  return [
    { name: "messages", run: (tally) => checkMessages(messageFixtures(folder), tally) },
    { name: "messages of versions that Kafka 4 dropped", run: (tally) => checkMessages(oldMessageFixtures(folder), tally) },
    { name: "cut-off messages", run: (tally) => checkPrefixes([...messageFixtures(folder), ...oldMessageFixtures(folder)], tally) },
    { name: "messages inside messages, and headers", run: (tally) => checkData(dataFixtures(folder), tally) },
    { name: "record batches", run: (tally) => checkRecords(recordsFixtures(folder), tally) },
    { name: "broken record batches", run: (tally) => checkInvalidRecords(invalidRecordsFixtures(folder), tally) },
    { name: "primitives", run: (tally) => checkPrimitives(primitiveFixtures(folder), tally) },
    { name: "API table", run: (tally) => checkApiTable(apiRows(folder), tally) },
    { name: "error codes", run: (tally) => checkErrorTable(errorRows(folder), tally) },
  ];
}

/** What asks Apache Kafka's classes. */
export function oracleChapters(seed: number): readonly Chapter[] {
  return [
    { name: "layouts against Kafka's schemas", run: async (tally) => checkSchemas(await schemas(), tally) },
    {
      name: `layouts of dropped versions against the schemas of ${OLD_ORACLE_VERSION}`,
      run: async (tally) => checkDroppedVersions(await schemas(OLD_ORACLE_VERSION), await schemas(), tally),
    },
    {
      name: "record batches of ours, read by Kafka",
      run: (tally) => withOracle((oracle) => checkWrittenRecords(oracle, tally)),
    },
    {
      name: `random groups, assigned by Java's assignors and by ours (seed ${seed})`,
      run: (tally) => withOracle((oracle) => checkRandomGroups(oracle, seed, tally)),
    },
    {
      name: `random messages of ours, read by Kafka (seed ${seed})`,
      run: (tally) => withOracle((oracle) => checkRandomMessages(oracle, apiRows(), seed, tally)),
    },
  ];
}

async function withOracle(run: (oracle: OracleServer) => Promise<void>): Promise<void> {
  const oracle = await startOracle();
  try {
    await run(oracle);
  } finally {
    await oracle.close();
  }
}
