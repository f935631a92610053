import type { Reading, ValueKind } from "./setting.ts";
import { quoted, showValue } from "./show-value.ts";
import { mustBe } from "./value-kinds.ts";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export const DEFAULT_PORT = 9092;

const LARGEST_PORT = 65_535;
/** No list of servers is longer; a text that is, is something else. */
const MOST_SERVERS = 1000;

/** `host`, `host:port`, `[::1]:9092`, several with commas between, or a list of them. Each address once, in the order given. */
export const bootstrapServersKind: ValueKind<readonly ServerAddress[]> = {
  type: "string | string[]",
  read: readServers,
  fromText: (text) => text,
};

function readServers(value: unknown): Reading<readonly ServerAddress[]> {
  const isList = Array.isArray(value);
  if (typeof value !== "string" && !isList) return mustBe("host:port, or a list of those", value);
  const given: readonly unknown[] = isList ? value : [value];
  const found = new Map<string, ServerAddress>();
  const problems: string[] = [];
  for (const one of given) {
    if (typeof one !== "string") problems.push(`${showValue(one)} is not a text`);
    else for (const server of one.split(",", MOST_SERVERS)) addServer(server, found, problems);
  }
  if (problems.length > 0) return { problem: `must be host:port, or a list of those: ${problems.join("; ")}` };
  if (found.size === 0) return { problem: "must name at least one server, such as localhost:9092" };
  return { value: Object.freeze([...found.values()]) };
}

function addServer(text: string, found: Map<string, ServerAddress>, problems: string[]): void {
  if (text.trim() === "") return;
  const server = addressFromText(text);
  if (typeof server === "string") problems.push(server);
  else found.set(`${server.host}\n${server.port}`, server);
}

/** The address, or what is wrong with it. */
function addressFromText(text: string): ServerAddress | string {
  // Java's listener syntax is what people copy from a broker's configuration.
  const trimmed = text.trim().replace(/^[A-Z_]+:\/\//i, "");
  if (/^[^[\]]*:[^[\]]*:/.test(trimmed)) return `${quoted(text)} is not host:port (an IPv6 address goes into brackets: [::1]:9092)`;
  const match = /^(?:\[(?<inBrackets>[^[\]]*)\]|(?<bare>[^[\]:]*))(?::(?<port>.*))?$/.exec(trimmed);
  if (match === null) return `${quoted(text)} is not host:port`;
  const { inBrackets, bare, port: portText } = match.groups ?? {};
  const host = inBrackets ?? bare ?? "";
  if (host === "" || /[\s/@?#%\p{Cc}]/u.test(inBrackets === undefined ? host : host.replace("%", "")))
    return `${quoted(text)} has no usable host name`;
  if (inBrackets !== undefined && !inBrackets.includes(":")) return `${quoted(text)}: only IPv6 addresses stand in brackets`;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  const isPort = portText === undefined || /^\d{1,5}$/.test(portText);
  if (!isPort || port < 1 || port > LARGEST_PORT) return `${quoted(text)}: the port must be from 1 to ${LARGEST_PORT}`;
  return Object.freeze({ host, port });
}
