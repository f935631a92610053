// Reads what `tshark -T pdml` writes: packets of protocols of fields, each with its place in the packet. No more of XML than that takes.

export interface PdmlField {
  /** `kafka.topic_name`; empty for a line of text that only groups others. */
  readonly name: string;
  readonly showname: string;
  /** The value as tshark reads it. */
  readonly show: string;
  /** First byte, counted from the start of the packet. */
  readonly start: number;
  readonly end: number;
  /** Said twice: once more under another name, for filters. */
  readonly isHidden: boolean;
  readonly fields: readonly PdmlField[];
}

export interface PdmlPacket {
  readonly number: number;
  /** The protocol layers called kafka; one for each frame. */
  readonly kafka: readonly PdmlField[];
  /** Names of all layers, e.g. `_ws.malformed`. */
  readonly layers: readonly string[];
}

interface OpenField extends PdmlField {
  readonly fields: PdmlField[];
}

const TAG = /<(\/?)(packet|proto|field)\b([^>]*?)(\/?)>/g;
const ATTRIBUTE = /(\w+)="([^"]*)"/g;

/** Attribute values hold no `>`: tshark escapes it. */
export function packetsOf(pdml: string): readonly PdmlPacket[] {
  const packets: PdmlPacket[] = [];
  let layers: OpenField[] = [];
  const open: OpenField[] = [];
  for (const [, closing, tag, attributes = "", selfClosing] of pdml.matchAll(TAG)) {
    if (tag === "packet") {
      if (closing) packets.push(packetFrom(layers));
      layers = [];
      continue;
    }
    if (closing) {
      open.pop();
      continue;
    }
    const field = fieldFrom(attributes);
    const parent = open.at(-1);
    if (parent === undefined) layers.push(field);
    else parent.fields.push(field);
    if (!selfClosing) open.push(field);
  }
  return packets;
}

/** The fields without fields in them, but for those that take no bytes. */
export function* leafFieldsOf(field: PdmlField): Generator<PdmlField> {
  if (field.fields.length === 0 && field.end > field.start && !field.isHidden) yield field;
  for (const inner of field.fields) yield* leafFieldsOf(inner);
}

/** All fields below this one. */
export function* fieldsOf(field: PdmlField): Generator<PdmlField> {
  for (const inner of field.fields) {
    yield inner;
    yield* fieldsOf(inner);
  }
}

function packetFrom(layers: readonly PdmlField[]): PdmlPacket {
  const number = layers.flatMap(({ fields }) => fields).find(({ name }) => name === "num");
  return {
    number: Number(number?.show),
    kafka: layers.filter(({ name }) => name === "kafka"),
    layers: layers.map(({ name }) => name),
  };
}

function fieldFrom(attributes: string): OpenField {
  const read = new Map([...attributes.matchAll(ATTRIBUTE)].map(([, name = "", value = ""]) => [name, unescaped(value)]));
  const start = Number(read.get("pos") ?? 0);
  return {
    name: read.get("name") ?? "",
    showname: read.get("showname") ?? "",
    show: read.get("show") ?? "",
    start,
    end: start + Number(read.get("size") ?? 0),
    isHidden: read.get("hide") === "yes",
    fields: [],
  };
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function unescaped(text: string): string {
  return text.replace(/&(#x?[\da-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES.get(name) ?? whole;
    return String.fromCodePoint(name.startsWith("#x") ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
}
