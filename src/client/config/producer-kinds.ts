import type { ProducerInterceptor } from "../producer/interceptors/producer-interceptor.ts";
import type { Serializer } from "../serializers/serializer.ts";
import type { Partitioner, PartitionerName } from "./producer-options.ts";
import type { ValueKind } from "./setting.ts";
import { callable, choice, mustBe } from "./value-kinds.ts";

/** Java's and kafka-python's -1 is what people call `all`. */
export const acksKind: ValueKind<-1 | 0 | 1> = {
  type: "'all' | -1 | 0 | 1",
  read: (value) => {
    if (value === "all" || value === -1) return { value: -1 };
    return value === 0 || value === 1 ? { value } : mustBe("'all', -1, 0 or 1", value);
  },
  fromText: (text) => (["-1", "0", "1"].includes(text.trim()) ? Number(text) : text.trim().toLowerCase()),
};

export const serializerKind: ValueKind<Serializer<unknown>> = callable("an object with serialize()", isSerializer);

/** librdkafka's spellings are taken too. */
const partitionerNames = choice<PartitionerName>(
  ["default", "roundRobin", "random", "consistent", "consistentRandom", "murmur2", "murmur2Random", "fnv1a", "fnv1aRandom"],
  { consistent_random: "consistentRandom", murmur2_random: "murmur2Random", fnv1a_random: "fnv1aRandom" },
);

export const partitionerKind: ValueKind<PartitionerName | Partitioner> = {
  type: `${partitionerNames.type} | function`,
  read: (value) => (isPartitioner(value) ? { value } : partitionerNames.read(value)),
  fromText: (text) => text,
};

function isSerializer(value: unknown): value is Serializer<unknown> {
  return typeof value === "object" && value !== null && "serialize" in value && typeof value.serialize === "function";
}

function isPartitioner(value: unknown): value is Partitioner {
  return typeof value === "function";
}

/** Copied, so that the list stays as it was read. */
export const interceptorsKind: ValueKind<readonly ProducerInterceptor[]> = {
  type: "a list of objects with onSend() or onAcknowledgement()",
  read: (value) => {
    if (!Array.isArray(value)) return mustBe("a list of interceptors", value);
    const given: readonly unknown[] = value;
    const wrong = given.findIndex((one) => !isInterceptor(one));
    if (wrong >= 0)
      return { problem: `must be a list of objects with onSend() or onAcknowledgement(); number ${wrong + 1} is none` };
    return { value: Object.freeze(given.filter(isInterceptor)) };
  },
  fromText: (text) => text,
};

const INTERCEPTIONS = ["onSend", "onAcknowledgement"] as const;

function isInterceptor(value: unknown): value is ProducerInterceptor {
  if (typeof value !== "object" || value === null) return false;
  const methods = INTERCEPTIONS.map((name): unknown => Reflect.get(value, name)).filter((method) => method !== undefined);
  return methods.length > 0 && methods.every((method) => typeof method === "function");
}
