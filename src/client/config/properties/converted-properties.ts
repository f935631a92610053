/** Table: properties whose values are written in another way than those of our options. */
import { INT32_MAX, numberFromText } from "../value-kinds.ts";
import { jaasConversion } from "./jaas-config.ts";
import { ignored, mapped, mappedTo, type Properties, type PropertyRow, refused, rows } from "./property-row.ts";

const BYTES_PER_KILOBYTE = 1024;
const SOCKET_BUFFER = "Node cannot set the buffers of a TCP socket; those of the machine are used";
const KEY_STORE = "Java's key stores cannot be read; export it as PEM, and give";

/** librdkafka's 0, and Java's negative numbers, switch the limit off. */
function unlimitedBelow(least: number): (text: string) => unknown {
  return (text) => {
    const value = numberFromText(text);
    return typeof value === "number" && value < least ? INT32_MAX : value;
  };
}

function level(codec: string): (text: string, all: Properties) => unknown {
  return (text, all) => {
    const inUse = all.get("compression.type") ?? all.get("compression.codec") ?? "none";
    return inUse.trim().toLowerCase() === codec ? numberFromText(text) : undefined;
  };
}

const JAVA_PARTITIONERS: ReadonlyMap<string, readonly (readonly [option: string, value: unknown])[]> = new Map([
  ["org.apache.kafka.clients.producer.RoundRobinPartitioner", [["partitioner", "roundRobin"]]],
  ["org.apache.kafka.clients.producer.internals.DefaultPartitioner", [["partitioner", "default"]]],
  [
    "org.apache.kafka.clients.producer.UniformStickyPartitioner",
    [
      ["partitioner", "default"],
      ["partitionerIgnoreKeys", true],
    ],
  ],
]);

function isPem(all: Properties, store: "truststore" | "keystore"): boolean {
  return all.get(`ssl.${store}.type`)?.trim().toUpperCase() === "PEM";
}

export const convertedProperties: ReadonlyMap<string, PropertyRow> = new Map([
  ...rows(mapped("connectionsMaxIdleMs", unlimitedBelow(1), "0 and negative numbers are without end"), "connections.max.idle.ms"),
  ...rows(mapped("deliveryTimeoutMs", unlimitedBelow(1), "0 is without end"), "delivery.timeout.ms", "message.timeout.ms"),
  ...rows(mapped("bufferMemory", kilobytes, "times 1024"), "queue.buffering.max.kbytes"),
  ...rows(
    mapped("bufferMaxRecords", (text) => (numberFromText(text) === 0 ? undefined : numberFromText(text)), "0 is without limit"),
    "queue.buffering.max.messages",
  ),
  ...rows(
    mapped("compression", (text) => (text.trim().toLowerCase() === "inherit" ? undefined : text.trim()), "`inherit` is left out"),
    "compression.type",
    "compression.codec",
  ),
  ...rows(
    mapped("compressionLevel", (text) => (numberFromText(text) === -1 ? undefined : numberFromText(text)), "-1 is the default"),
    "compression.level",
  ),
  ...rows(mapped("compressionLevel", level("gzip"), "if gzip is the compression"), "compression.gzip.level"),
  ...rows(mapped("compressionLevel", level("lz4"), "if lz4 is the compression"), "compression.lz4.level"),
  ...rows(mapped("compressionLevel", level("zstd"), "if zstd is the compression"), "compression.zstd.level"),
  ...rows(
    mappedTo("partitioner: Java's own classes, by their full names; UniformStickyPartitioner is partitionerIgnoreKeys", (text) => ({
      options: JAVA_PARTITIONERS.get(text.trim()) ?? [["partitioner", text]],
    })),
    "partitioner.class",
  ),
  ...rows(
    mapped(
      "partitioner",
      (text) => text.trim().toLowerCase().replace("_random", "Random"),
      "`consistent_random` is `'consistentRandom'`, and so on",
    ),
    "partitioner",
  ),
  ...rows(
    mapped("sslCheckHostname", hostnameCheck, "true for `https`, false for `none` and nothing"),
    "ssl.endpoint.identification.algorithm",
  ),
  ...rows(
    mapped("sslCafile", (text) => (text.trim() === "probe" ? undefined : text), "`probe` is left out"),
    "ssl.ca.location",
  ),
  ...rows(
    refused("a broker's certificate is always verified; name who signed it with ssl.ca.location or ssl.ca.pem", "true", "t", "1"),
    "enable.ssl.certificate.verification",
  ),
  ...rows(
    ignored(SOCKET_BUFFER),
    "send.buffer.bytes",
    "receive.buffer.bytes",
    "socket.send.buffer.bytes",
    "socket.receive.buffer.bytes",
  ),
  ...rows(
    mappedTo("sslCafile, with ssl.truststore.type=PEM", (text, all) =>
      isPem(all, "truststore")
        ? { options: [["sslCafile", text]] }
        : { problem: `${KEY_STORE} ssl.ca.location, or ssl.truststore.type=PEM` },
    ),
    "ssl.truststore.location",
  ),
  ...rows(
    mappedTo("sslCertfile and sslKeyfile, with ssl.keystore.type=PEM", (text, all) =>
      isPem(all, "keystore")
        ? {
            options: [
              ["sslCertfile", text],
              ["sslKeyfile", text],
            ],
          }
        : { problem: `${KEY_STORE} ssl.certificate.location and ssl.key.location, or ssl.keystore.type=PEM` },
    ),
    "ssl.keystore.location",
  ),
  ...rows(
    mappedTo("saslPlainUsername and saslPlainPassword, of PLAIN and SCRAM", (text) => jaasConversion(text)),
    "sasl.jaas.config",
  ),
]);

function kilobytes(text: string): unknown {
  const value = numberFromText(text);
  return typeof value === "number" ? value * BYTES_PER_KILOBYTE : value;
}

/** Empty is Java's way to switch it off, and `none` librdkafka's. */
function hostnameCheck(text: string): unknown {
  const lower = text.trim().toLowerCase();
  if (lower === "https") return true;
  return lower === "" || lower === "none" ? false : text;
}
