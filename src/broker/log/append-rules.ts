import type { CodecName, CompressionName } from "../../protocol/index.ts";
import type { TopicConfigs } from "../configs/topic-configs.ts";
import type { AppendRules } from "./produce/accepted-batch.ts";

/** What the topic's configuration says about appending, now. */
export function appendRulesOf(configs: TopicConfigs, partition: string, nowMs: number): Omit<AppendRules, "budget"> {
  return {
    partition,
    nowMs,
    timestampType: timestampTypeOf(configs),
    beforeMaxMs: configs.int("message.timestamp.before.max.ms"),
    afterMaxMs: configs.int("message.timestamp.after.max.ms"),
    requiresKeys: configs.list("cleanup.policy").includes("compact"),
    compressionType: compressionTypeOf(configs.string("compression.type")),
    // Looked up only when the broker compresses, which is rare.
    compressionLevel: (codec) => compressionLevelOf(configs, codec),
    maxMessageBytes: configs.int("max.message.bytes"),
    segmentBytes: configs.int("segment.bytes"),
  };
}

export function timestampTypeOf(configs: TopicConfigs): "CreateTime" | "LogAppendTime" {
  return configs.string("message.timestamp.type") === "LogAppendTime" ? "LogAppendTime" : "CreateTime";
}

/** LZ4 and snappy are written in one way only. */
function compressionLevelOf(configs: TopicConfigs, codec: CompressionName): number | undefined {
  if (codec === "zstd") return configs.int("compression.zstd.level");
  const level = codec === "gzip" ? configs.int("compression.gzip.level") : CODEC_DEFAULT_LEVEL;
  return level === CODEC_DEFAULT_LEVEL ? undefined : level;
}

/** "As the codec likes it". */
const CODEC_DEFAULT_LEVEL = -1;

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
