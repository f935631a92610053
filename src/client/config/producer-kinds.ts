import type { Partitioner, PartitionerName, Serializer } from "./producer-options.ts";
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

export const serializerKind: ValueKind<Serializer> = callable("an object with serialize()", isSerializer);

const partitionerNames = choice<PartitionerName>(["default", "roundRobin", "consistent"]);

export const partitionerKind: ValueKind<PartitionerName | Partitioner> = {
  type: `${partitionerNames.type} | function`,
  read: (value) => (isPartitioner(value) ? { value } : partitionerNames.read(value)),
  fromText: (text) => text,
};

function isSerializer(value: unknown): value is Serializer {
  return typeof value === "object" && value !== null && "serialize" in value && typeof value.serialize === "function";
}

function isPartitioner(value: unknown): value is Partitioner {
  return typeof value === "function";
}
