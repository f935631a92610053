import type { CodecName } from "../../protocol/index.ts";
import type { TopicConfigs } from "../configs/topic-configs.ts";
import type { AppendRules } from "./produce/accepted-batch.ts";

/** What the topic's configuration says about appending, now. */
export function appendRulesOf(configs: TopicConfigs, partition: string, nowMs: number): AppendRules {
  return {
    partition,
    nowMs,
    timestampType: configs.string("message.timestamp.type") === "LogAppendTime" ? "LogAppendTime" : "CreateTime",
    beforeMaxMs: configs.int("message.timestamp.before.max.ms"),
    afterMaxMs: configs.int("message.timestamp.after.max.ms"),
    requiresKeys: configs.list("cleanup.policy").includes("compact"),
    compressionType: compressionTypeOf(configs.string("compression.type")),
    maxMessageBytes: configs.int("max.message.bytes"),
    segmentBytes: configs.int("segment.bytes"),
  };
}

const COMPRESSION_TYPES: readonly (CodecName | "uncompressed" | "producer")[] = [
  "gzip",
  "snappy",
  "lz4",
  "zstd",
  "uncompressed",
  "producer",
];

function compressionTypeOf(text: string): AppendRules["compressionType"] {
  return COMPRESSION_TYPES.find((type) => type === text) ?? "producer";
}
