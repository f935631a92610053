// What a user of a Consumer goes through, in order: records, and the errors that calls throw.

import type { TopicPartition } from "../../src/client/index.ts";
import { type ConsumerStage, placed, TOPIC } from "./consumer-stage.ts";

export const P0: TopicPartition = { topic: TOPIC, partition: 0 };
export const P1: TopicPartition = { topic: TOPIC, partition: 1 };

export interface OutcomeOptions {
  /** Of each poll. */
  readonly timeoutMs?: number;
  readonly maxRecords?: number;
  readonly mostPolls?: number;
  /** Polls that give nothing do not end it: what is waited for takes real time, of a codec. */
  readonly isPatient?: boolean;
}

/**
 * What poll after poll comes to: records as `partition/offset value`, errors as `! CODE`. Ends when so many records were given, when
 * nothing comes any more, or after so many polls.
 */
export async function outcomes<K, V>(
  stage: ConsumerStage<K, V>,
  count: number,
  { timeoutMs = 60_000, maxRecords = 500, mostPolls = 200, isPatient = false }: OutcomeOptions = {},
): Promise<string[]> {
  const told: string[] = [];
  let records = 0;
  for (let poll = 0; poll < mostPolls && records < count; poll++) {
    try {
      const polled = await stage.when(stage.consumer.poll({ timeoutMs, maxRecords: Math.min(maxRecords, count - records) }));
      if (polled.isEmpty && !isPatient) break;
      told.push(...placed(polled));
      records += polled.count;
    } catch (error) {
      told.push(`! ${codeOf(error)}`);
    }
  }
  return told;
}

/** Those of one partition. */
export function ofPartition(told: readonly string[], partition: number): string[] {
  return told.filter((one) => one.startsWith(`${partition}/`));
}

export function errorsIn(told: readonly string[]): string[] {
  return told.filter((one) => one.startsWith("!"));
}

/** Each value a batch of its own. */
export async function writeSingly<K, V>(stage: ConsumerStage<K, V>, values: readonly string[], partition = 0): Promise<void> {
  for (const value of values) await stage.write([value], { partition });
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : String(error);
}
