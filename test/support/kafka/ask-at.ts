// One request to one address, over a connection of its own.

import type { ApiName, apis, Draft, RequestOf, ResponseOf } from "../../../src/protocol/index.ts";
import { askOverTcp } from "../ask-over-tcp.ts";
import { RawConnection } from "../raw-connection.ts";

type Named<Name extends ApiName> = (typeof apis)[Name];

const ANSWER_MS = 5000;

export async function askAt<Name extends ApiName>(
  { host, port }: { readonly host: string; readonly port: number },
  api: Name,
  version: number,
  body: Draft<RequestOf<Named<Name>>>,
): Promise<ResponseOf<Named<Name>>> {
  const connection = await RawConnection.open(host, port, { timeoutMs: ANSWER_MS });
  try {
    return await askOverTcp(connection, api, version, body);
  } finally {
    await connection.close();
  }
}
