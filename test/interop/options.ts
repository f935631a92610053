import { parseArgs } from "node:util";
import type { BrokerName } from "./brokers.ts";

export interface Options {
  readonly broker: BrokerName;
  /** Only scenarios with this text in their client or name. */
  readonly only: string;
  readonly record: boolean;
  readonly keepGoing: boolean;
  readonly concurrency: number;
}

export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      broker: { type: "string", default: "embedded" },
      only: { type: "string", default: "" },
      record: { type: "boolean", default: false },
      "keep-going": { type: "boolean", default: true },
      concurrency: { type: "string", default: "2" },
    },
  });
  const { broker, only, record, concurrency } = values;
  if (broker !== "embedded" && broker !== "kafka") throw new Error(`--broker is embedded or kafka, not ${broker}`);
  if (record && broker !== "kafka") throw new Error("--record is for --broker kafka: Apache Kafka says what is right");
  if (record && process.env["KAFKA_BOOTSTRAP"]) throw new Error("--record is for our own Apache Kafka, not for KAFKA_BOOTSTRAP");
  if (!/^[1-9]\d*$/.test(concurrency)) throw new Error(`--concurrency is a positive number, not ${concurrency}`);
  return { broker, only, record, keepGoing: values["keep-going"], concurrency: Number(concurrency) };
}
