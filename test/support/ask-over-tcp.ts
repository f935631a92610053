// One request over a bare connection, in the words of the protocol.

import {
  type ApiName,
  type apis,
  type Draft,
  decodeResponse,
  encodeRequest,
  type RequestOf,
  type ResponseOf,
} from "../../src/protocol/index.ts";
import type { RawConnection } from "./raw-connection.ts";

type Named<Name extends ApiName> = (typeof apis)[Name];

export async function askOverTcp<Name extends ApiName>(
  connection: RawConnection,
  api: Name,
  version: number,
  body: Draft<RequestOf<Named<Name>>>,
): Promise<ResponseOf<Named<Name>>> {
  const request = encodeRequest({ api: api as ApiName, version, correlationId: 1 }, body as object);
  const answer = await connection.request(request.subarray(4));
  const frame = Buffer.alloc(4 + answer.length);
  frame.writeInt32BE(answer.length);
  frame.set(answer, 4);
  return decodeResponse({ api: api as ApiName, version }, frame).body as ResponseOf<Named<Name>>;
}
