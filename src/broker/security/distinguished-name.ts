/** The name in a client's certificate as Java prints it (RFC 2253, `X500Principal.getName()`): that is whom Kafka takes the client for. */
import { type DerElement, derElements, objectIdText } from "./der-reader.ts";

/** The only attributes that RFC 2253 has words for. */
const keywords: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["0.9.2342.19200300.100.1.1", "UID"],
]);

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const utf16 = (bytes: Uint8Array): string => new TextDecoder("utf-16be").decode(bytes);

/** By the tags of the string types that are text to Java: UTF8, Printable, T61, IA5, General, BMP. */
const decoders: ReadonlyMap<number, (bytes: Uint8Array) => string> = new Map([
  [0x0c, utf8],
  [0x13, latin1],
  [0x14, latin1],
  [0x16, latin1],
  [0x1b, latin1],
  [0x1e, utf16],
]);

const EXPLICIT_VERSION = 0xa0;
/** After the version, which may be missing: serial number, algorithm, issuer, validity, subject. */
const SUBJECT_INDEX = 4;

/** The subject of a certificate in DER; undefined if it cannot be read. */
export function subjectOf(certificate: Uint8Array): string | undefined {
  const [whole] = derElements(certificate) ?? [];
  const [content] = whole === undefined ? [] : (derElements(whole.content) ?? []);
  if (content === undefined) return undefined;
  const fields = derElements(content.content) ?? [];
  const subject = fields[fields[0]?.tag === EXPLICIT_VERSION ? SUBJECT_INDEX + 1 : SUBJECT_INDEX];
  return subject === undefined ? undefined : distinguishedName(subject.content);
}

/** @param name what is inside the sequence of an X.501 name, least specific part first; it is printed the other way round */
export function distinguishedName(name: Uint8Array): string | undefined {
  const parts = derElements(name)?.map(({ content }) => derElements(content)?.map(attributeText));
  if (parts === undefined) return undefined;
  const texts = parts.map((attributes) => (attributes?.includes(undefined) === false ? attributes.join("+") : undefined));
  return texts.includes(undefined) ? undefined : texts.reverse().join(",");
}

function attributeText({ content }: DerElement): string | undefined {
  const [type, value] = derElements(content) ?? [];
  if (type === undefined || value === undefined) return undefined;
  const id = objectIdText(type.content);
  const keyword = keywords.get(id);
  const decode = decoders.get(value.tag);
  if (keyword === undefined || decode === undefined) return `${keyword ?? id}=#${Buffer.from(value.bytes).toString("hex")}`;
  return `${keyword}=${escaped(decode(value.content))}`;
}

function escaped(text: string): string {
  const inside = text.replace(/[,=+<>#;"\\]/g, "\\$&").replaceAll("\0", "\\00");
  return inside.replace(/^[ \r]+|[ \r]+$/g, (spaces) => spaces.replace(/./gs, "\\$&"));
}
