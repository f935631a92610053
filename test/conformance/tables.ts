/** Our tables beside Kafka's: APIs with their version ranges, and error codes with their flags. */
import assert from "node:assert/strict";
import { NEVER_FLEXIBLE, requestHeaderVersion, responseHeaderVersion } from "../../src/protocol/api/api.ts";
import { apis } from "../../src/protocol/api/apis.ts";
import { errorCodes } from "../../src/protocol/error-codes.ts";
import type { ApiRow, ErrorRow } from "../support/fixtures.ts";
import type { Tally } from "./tally.ts";

/** Between brokers, yet kept: the embedded broker and the inspector meet it. */
const BROKER_APIS: readonly string[] = ["WriteTxnMarkers"];
/** Versions that a client shall not choose although Kafka calls them stable: they are meant for brokers. */
const CLIENT_CAPS: ReadonlyMap<string, number> = new Map([["AddPartitionsToTxn", 3]]);

export function checkApiTable(rows: readonly ApiRow[], tally: Tally): void {
  const wanted = rows.filter(({ clientFacing, name }) => clientFacing === true || BROKER_APIS.includes(name));
  tally.check("every client-facing API of Kafka is in the registry, and no other", () => {
    assert.deepEqual(
      apis.map(({ name, key }) => `${key} ${name}`),
      wanted.map(({ name, apiKey }) => `${apiKey} ${name}`),
    );
  });
  for (const row of wanted) tally.check(`${row.name} has Kafka's versions and headers`, () => checkApi(row));
}

function checkApi(row: ApiRow): void {
  const api = apis.find(({ key }) => key === row.apiKey);
  assert.ok(api, "missing in the registry");
  const [first, last] = api.versions;
  assert.ok(first <= (row.min ?? 0), `begins at ${first}, Kafka at ${row.min}`);
  assert.equal(last, row.max);
  const firstFlexible = api.flexibleSince === NEVER_FLEXIBLE ? -1 : Math.max(api.flexibleSince, first);
  assert.equal(firstFlexible, row.firstFlexibleRequest, "first flexible version");
  assert.equal(api.clientVersions[1], CLIENT_CAPS.get(api.name) ?? row.maxStable, "last version for clients");
  for (const [version, headers] of Object.entries(row.headerVersions ?? {})) {
    assert.deepEqual([requestHeaderVersion(api, Number(version)), responseHeaderVersion(api, Number(version))], headers);
  }
}

export function checkErrorTable(rows: readonly ErrorRow[], tally: Tally): void {
  tally.check("no error code is missing or invented", () => {
    assert.deepEqual(
      errorCodes.map(({ code }) => code),
      rows.map(({ code }) => code),
    );
  });
  for (const row of rows) {
    tally.check(`error ${row.code} ${row.name} has Kafka's flags`, () => {
      const ours = errorCodes.find(({ code }) => code === row.code);
      assert.deepEqual(
        { name: ours?.name, retriable: ours?.retriable, refreshMetadata: ours?.refreshMetadata },
        { name: row.name, retriable: row.retriable, refreshMetadata: row.invalidMetadata },
      );
    });
  }
}
