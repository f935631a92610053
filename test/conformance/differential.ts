import type { OracleServer } from "../support/oracle-server.ts";
import type { Tally } from "./tally.ts";
export async function checkRandomMessages(_oracle: OracleServer, _seed: number, _tally: Tally): Promise<void> {}
