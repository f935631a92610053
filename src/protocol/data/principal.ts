/**
 * Who made a request that one broker passes on for a client: Kafka's default principal, inside the Envelope request that carries
 * the original one to the controller (KIP-590).
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { type Layout, struct } from "../wire/wire.ts";
import { type Body, decodeBody, encodeBody } from "./body.ts";

export interface Principal {
  /** Almost always `User`. */
  readonly type: string;
  readonly name: string;
  /** Authenticated with a delegation token: such a client may not create further tokens. */
  readonly tokenAuthenticated: boolean;
}

export const principal: Layout<Principal> = struct((wire, it) => ({
  type: wire.string(it.type),
  name: wire.string(it.name),
  tokenAuthenticated: wire.boolean(it.tokenAuthenticated),
}));

const body: Body<Principal> = { name: "DefaultPrincipalData", layout: principal, version: 0, flexible: true };
const VERSION_BYTES = 2;

/** Two bytes of version, then the principal. */
export function encodePrincipal(value: Principal): Uint8Array {
  const fields = encodeBody(body, value);
  const bytes = new Uint8Array(VERSION_BYTES + fields.length);
  bytes.set(fields, VERSION_BYTES);
  return bytes;
}

/** Only version 0 exists; who a request comes from is nothing to guess at. */
export function decodePrincipal(bytes: Uint8Array): Principal {
  const place = { api: body.name, kind: "data", offset: 0 };
  if (bytes.length < VERSION_BYTES) throw new MalformedMessageError("too short for a version", place);
  const version = new DataView(bytes.buffer, bytes.byteOffset).getInt16(0);
  if (version !== body.version) throw new MalformedMessageError(`version ${version} of a principal is not known`, place);
  return decodeBody(body, bytes, VERSION_BYTES);
}
