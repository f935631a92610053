/** From the command line to what `kafkawire groups reset` is to do. */
import { readFileSync } from "node:fs";
import type { TopicPartitionOffset } from "../../index.ts";
import type { AdminCall } from "../admin-command.ts";
import { type Place, placeFrom } from "../consumption/place.ts";
import { UsageError } from "../usage-error.ts";

/** Where the partitions go. */
export type Target =
  | { readonly kind: "place"; readonly place: Place }
  /** From where each is. */
  | { readonly kind: "shift"; readonly by: number }
  | { readonly kind: "offsets"; readonly offsets: readonly TopicPartitionOffset[] };

/** All of its partitions, or these. */
export interface ChosenTopic {
  readonly topic: string;
  readonly partitions: readonly number[] | undefined;
}

export interface ResetParameters {
  readonly group: string;
  readonly target: Target;
  /** None: all partitions that the group has committed something for. */
  readonly topics: readonly ChosenTopic[];
  readonly executes: boolean;
  readonly exports: boolean;
}

/** As Kafka's own tools call them. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["earliest", "beginning"],
  ["latest", "end"],
]);

/** @throws UsageError */
export function resetParameters(call: Pick<AdminCall, "names" | "value" | "values" | "flag">, nowMs: number): ResetParameters {
  const { names, values, flag } = call;
  const [group, ...more] = names;
  if (group === undefined || group === "") throw new UsageError("say which group");
  if (more.length > 0) throw new UsageError(`one group at a time, not also '${more.join("', '")}'`);
  if (flag("execute") && flag("dry-run")) throw new UsageError("--execute does it, --dry-run does not: leave out one of them");
  const target = targetFrom(call, nowMs);
  const topics = values("topic").map(topicFrom);
  if (target.kind === "offsets" && topics.length > 0) throw new UsageError("--from-file says which partitions: leave out --topic");
  return { group, target, topics, executes: flag("execute"), exports: flag("export") };
}

function targetFrom({ value }: Pick<AdminCall, "value">, nowMs: number): Target {
  const [to, by, file] = [value("to"), value("shift-by"), value("from-file")];
  if ([to, by, file].filter((one) => one !== undefined).length !== 1) {
    throw new UsageError("say where to: one of --to, --shift-by and --from-file");
  }
  if (to !== undefined) return { kind: "place", place: placeFrom("--to", SYNONYMS.get(to) ?? to, nowMs) };
  if (by !== undefined) return { kind: "shift", by: shiftFrom(by) };
  return { kind: "offsets", offsets: offsetsIn(file ?? "") };
}

function shiftFrom(text: string): number {
  const by = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(by)) return by;
  throw new UsageError(`--shift-by takes a number of offsets, as 10 or =-10, not '${text}'`);
}

const TOPIC = /^([A-Za-z0-9._-]+)(?::(\d{1,9}(?:,\d{1,9})*))?$/;

/** `orders`, `orders:0,3`. */
function topicFrom(text: string): ChosenTopic {
  const [, topic, partitions] = TOPIC.exec(text) ?? [];
  if (topic === undefined) throw new UsageError(`--topic takes NAME or NAME:PARTITION,…, not '${text}'`);
  return { topic, partitions: partitions === undefined ? undefined : [...new Set(partitions.split(",").map(Number))] };
}

/** Lines as Kafka's kafka-consumer-groups exports them: topic,partition,offset. */
function offsetsIn(file: string): readonly TopicPartitionOffset[] {
  const places = new Map<string, TopicPartitionOffset>();
  for (const [index, line] of linesOf(file).entries()) {
    if (line.trim() === "") continue;
    const place = offsetFrom(line, `--from-file: ${file}, line ${index + 1}`);
    const key = `${place.topic} ${place.partition}`;
    if (places.has(key)) throw new UsageError(`--from-file: ${file}, line ${index + 1}: '${line}' says where to a second time`);
    places.set(key, place);
  }
  if (places.size === 0) throw new UsageError(`--from-file: ${file} has no lines of topic,partition,offset`);
  return [...places.values()];
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split(/\r?\n/);
  } catch (error) {
    throw new UsageError(`--from-file: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const LINE = /^"?([A-Za-z0-9._-]+)"?,(\d{1,9}),(\d{1,16})$/;

function offsetFrom(line: string, where: string): TopicPartitionOffset {
  const [, topic, partition, offset] = LINE.exec(line.trim()) ?? [];
  const place = { topic: topic ?? "", partition: Number(partition), offset: Number(offset) };
  if (topic === undefined || !Number.isSafeInteger(place.offset)) {
    throw new UsageError(`${where}: topic,partition,offset, not '${line}'`);
  }
  return place;
}
