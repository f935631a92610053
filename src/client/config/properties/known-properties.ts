/** Every property of Java's clients and of librdkafka, and what becomes of it. */
import { connectionSettings } from "../common-settings.ts";
import { consumerSettings } from "../consumer-settings.ts";
import { producerSettings } from "../producer-settings.ts";
import { securitySettings } from "../security-settings.ts";
import type { Settings } from "../setting.ts";
import { shareConsumerSettings } from "../share-consumer-settings.ts";
import { convertedProperties } from "./converted-properties.ts";
import { javaProperties } from "./java-properties.ts";
import { librdkafkaProperties } from "./librdkafka-properties.ts";
import { mapped, type PropertyRow } from "./property-row.ts";

const common: Settings = { ...connectionSettings, ...securitySettings };

/** For whom a file of properties is. */
export type ClientName = "admin" | "producer" | "consumer" | "shareConsumer";

/** Options that some client has, by its name. */
export const settingsByClient: Readonly<Record<ClientName, Settings>> = {
  admin: common,
  producer: { ...common, ...producerSettings },
  consumer: { ...common, ...consumerSettings },
  shareConsumer: { ...common, ...shareConsumerSettings },
};

/** What a share consumer has in its own way reads the same values as a consumer's. */
export const allSettings: Settings = { ...shareConsumerSettings, ...settingsByClient.producer, ...settingsByClient.consumer };

/** By name. What a table says goes before what an option's own names say. */
export const knownProperties: ReadonlyMap<string, PropertyRow> = new Map([
  ...sameValueProperties(),
  ...convertedProperties,
  ...javaProperties,
  ...librdkafkaProperties,
]);

/** librdkafka's topic properties: those that may stand behind `conf.topic.` */
export const topicProperties: ReadonlySet<string> = new Set([
  "request.required.acks",
  "acks",
  "request.timeout.ms",
  "message.timeout.ms",
  "delivery.timeout.ms",
  "queuing.strategy",
  "produce.offset.report",
  "partitioner",
  "partitioner_cb",
  "msg_order_cmp",
  "opaque",
  "compression.codec",
  "compression.type",
  "compression.level",
  "auto.commit.enable",
  "enable.auto.commit",
  "auto.commit.interval.ms",
  "auto.offset.reset",
  "offset.store.path",
  "offset.store.sync.interval.ms",
  "offset.store.method",
  "consume.callback.max.messages",
]);

function sameValueProperties(): readonly (readonly [string, PropertyRow])[] {
  return Object.entries(allSettings).flatMap(([option, { java = [], librdkafka = [], fromText }]) =>
    [...java, ...librdkafka].map((name): readonly [string, PropertyRow] => [name, mapped(option, fromText)]),
  );
}
