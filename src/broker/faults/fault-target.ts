import { type ApiName, apis } from "../../protocol/index.ts";

/** Which requests a fault strikes. What is left out matches everything. */
export interface FaultTarget {
  readonly api?: ApiName | readonly ApiName[];
  /** Requests that name this topic. */
  readonly topic?: string;
  /** Requests that name this partition of it. */
  readonly partition?: number;
  /** Requests that come to this node. */
  readonly node?: number;
  readonly clientId?: string;
  /** Numbered from 1, in the order in which connections came. */
  readonly connection?: number;
  /** Requests of this group, or of this transactional id. */
  readonly group?: string;
  readonly transactionalId?: string;
  /** How often it strikes; once unless said otherwise. `Infinity` until it is cancelled. */
  readonly times?: number;
  /** How many requests that match are let through first. */
  readonly skip?: number;
}

/** What is known of a request when faults are looked for. */
export interface FaultSubject {
  readonly api: string;
  readonly node: number;
  readonly clientId: string;
  readonly connection: number;
  readonly body: unknown;
  /** The topic's name, for requests that give its id. */
  readonly topicName: (topicId: string) => string | undefined;
  /** What the request means without naming it. */
  readonly unnamed: () => readonly UnnamedPlace[];
}

export interface UnnamedPlace {
  readonly topic: string;
  readonly partition: number;
}

/** Mistyped targets would never strike: a test that cannot fail. */
export function checkTarget({ api, times = 1, skip = 0, partition, topic }: FaultTarget): void {
  for (const name of api === undefined ? [] : [api].flat()) {
    if (!apis.some((known) => known.name === name)) throw new TypeError(`there is no API called ${String(name)}`);
  }
  if (!(times >= 1)) throw new TypeError(`a fault cannot strike ${times} times`);
  if (!(skip >= 0)) throw new TypeError(`a fault cannot skip ${skip} requests`);
  if (partition !== undefined && topic === undefined) throw new TypeError("a partition without its topic");
}

/** Whether the request is one of those, its topics and partitions left aside. */
export function matchesRequest(target: FaultTarget, subject: FaultSubject): boolean {
  const { api, node, clientId, connection, group, transactionalId } = target;
  return (
    (api === undefined || (typeof api === "string" ? api === subject.api : api.includes(subject.api as ApiName))) &&
    (node === undefined || node === subject.node) &&
    (clientId === undefined || clientId === subject.clientId) &&
    (connection === undefined || connection === subject.connection) &&
    (group === undefined || names(subject.body, "groupId", group)) &&
    (transactionalId === undefined || names(subject.body, "transactionalId", transactionalId))
  );
}

/** Whether the request names the target's topic and partition, wherever in its body, or means it. */
export function matchesPlaces(target: FaultTarget, subject: FaultSubject): boolean {
  const { topic, partition } = target;
  if (topic === undefined) return true;
  if (subject.unnamed().some((place) => isPlace(target, place.topic, place.partition))) return true;
  return somewhere(subject.body, (struct) => {
    if (!namesTopic(struct, topic, subject)) return false;
    return partition === undefined || somewhere(struct, (part) => indexOf(part) === partition) || listsNumber(struct, partition);
  });
}

/** Whether a target with a topic is aimed here. */
export function isPlace(target: FaultTarget, topic: string, partition: number | undefined): boolean {
  return target.topic === topic && (target.partition === undefined || target.partition === partition);
}

const TOPIC_FIELDS = ["topic", "name", "topicName"] as const;
const INDEX_FIELDS = ["partition", "partitionIndex", "index"] as const;

type Struct = Readonly<Record<string, unknown>>;

function namesTopic(struct: Struct, topic: string, { topicName }: FaultSubject): boolean {
  if (TOPIC_FIELDS.some((field) => struct[field] === topic)) return true;
  const id = struct["topicId"];
  return typeof id === "string" && topicName(id) === topic;
}

function indexOf(struct: Struct): number | undefined {
  const value = INDEX_FIELDS.map((field) => struct[field]).find((field) => typeof field === "number");
  return typeof value === "number" ? value : undefined;
}

function listsNumber(struct: Struct, wanted: number): boolean {
  return Object.values(struct).some((field) => Array.isArray(field) && field.includes(wanted));
}

/** Where APIs that ask for several groups or transactions at once, or for a coordinator, have the name. */
const NAME_LISTS = ["groups", "groupsNames", "groupIds", "transactionalIds", "coordinatorKeys"] as const;

function names(body: unknown, field: "groupId" | "transactionalId", wanted: string): boolean {
  return somewhere(body, (struct) => {
    if (struct[field] === wanted || struct["key"] === wanted) return true;
    return NAME_LISTS.some((name) => {
      const list = struct[name];
      return Array.isArray(list) && list.includes(wanted);
    });
  });
}

/** Whether a struct anywhere in this value is like that. */
function somewhere(value: unknown, isLikeThat: (struct: Struct) => boolean): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return value.some((item) => somewhere(item, isLikeThat));
  const struct = value as Struct;
  return isLikeThat(struct) || Object.values(struct).some((field) => somewhere(field, isLikeThat));
}
