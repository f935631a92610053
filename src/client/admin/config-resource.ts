import { type ArgumentProblems, quoted } from "./arguments.ts";

/** Kafka's numbers of what has settings. */
const TYPE_CODES: ReadonlyMap<string, number> = new Map([
  ["topic", 2],
  ["broker", 4],
  ["brokerLogger", 8],
  ["clientMetrics", 16],
  ["group", 32],
]);

export type ConfigResourceType = "topic" | "broker" | "brokerLogger" | "clientMetrics" | "group";

/** Whose settings are meant. */
export interface ConfigResource {
  readonly type: ConfigResourceType;
  /** Of the topic, group or metrics subscription; the id of a broker, or `""` for the dynamic settings of all brokers. */
  readonly name: string;
}

export function codeOfType(type: ConfigResourceType): number {
  return TYPE_CODES.get(type) ?? 0;
}

export function resourceKey(typeCode: number, name: string): string {
  return `${typeCode}/${name}`;
}

export function keyOfResource({ type, name }: ConfigResource): string {
  return resourceKey(codeOfType(type), name);
}

/** The broker that alone knows: others refuse to speak for it. */
export function nodeOf({ type, name }: ConfigResource): number | undefined {
  return (type === "broker" && name !== "") || type === "brokerLogger" ? Number(name) : undefined;
}

export function describeResource({
  type,
  name,
}: ConfigResource): { readonly topic: string } | { readonly group: string } | { readonly resource: string } {
  if (type === "topic") return { topic: name };
  if (type === "group") return { group: name };
  return { resource: type === "broker" && name === "" ? "defaults of all brokers" : `${type} '${name}'` };
}

const BROKER_ID = /^\d{1,10}$/;

export function checkResources(problems: ArgumentProblems, resources: readonly ConfigResource[]): void {
  problems.requireList("[{ type: 'topic', name: 'orders' }]", resources);
  const seen = new Set<string>();
  for (const resource of resources) {
    const { type, name } = resource;
    const where = `${type} ${quoted(name)}`;
    if (
      !problems.require(
        TYPE_CODES.has(type),
        () => `a resource is one of ${[...TYPE_CODES.keys()].join(", ")}, not ${quoted(type)}`,
      )
    )
      continue;
    if (type === "broker" && name === "")
      problems.require(!seen.has(keyOfResource(resource)), () => "the defaults of all brokers are named twice");
    else if (type === "broker" || type === "brokerLogger") {
      problems.require(typeof name === "string" && BROKER_ID.test(name), () => `${where}: a broker's name is its id`);
    } else problems.requireName(type, name);
    problems.require(!seen.has(keyOfResource(resource)) || name === "", () => `${where} is named twice`);
    seen.add(keyOfResource(resource));
  }
}
