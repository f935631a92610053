import { harmless } from "../harmless-text.ts";
import { number, perSecond, sizeText } from "../quantity-text.ts";
import type { ConsumptionTally } from "./consumption-tally.ts";

/** Why reading ended. */
export type ConsumptionEnd = "complete" | "interrupted" | "nobody reads" | "stopped by an error";

export interface Consumption {
  readonly topic: string;
  readonly tally: ConsumptionTally;
  readonly seconds: number;
  readonly end: ConsumptionEnd;
  /** Not all of them were wanted. */
  readonly isFiltered: boolean;
  /** Whether there was an end to be reached. */
  readonly isBounded: boolean;
}

/** The summary, for people. */
export function summaryText(consumption: Consumption): string {
  const { topic, tally, seconds, end, isFiltered, isBounded } = consumption;
  const { records, bytes, printed } = tally;
  const rate = `${perSecond(records, seconds)}, ${sizeText(seconds === 0 ? 0 : bytes / seconds)}/s`;
  const wanted = isFiltered ? `, ${number(printed)} of them as wanted` : "";
  const lines = [
    `${harmless(topic)}: ${number(records)} ${records === 1 ? "record" : "records"} (${sizeText(bytes)}) read in ${seconds.toFixed(2)} s: ${rate}${wanted}`,
    ...(end === "complete" || !isBounded ? [] : [`${end}: the rest was not read`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The same for programs. */
export function summaryJson({ topic, tally, seconds, end }: Consumption): unknown {
  const { records, bytes, printed } = tally;
  const recordsPerSecond = seconds === 0 ? 0 : Math.round(records / seconds);
  return { topic, records, bytes, printed, seconds, recordsPerSecond, end };
}

/** @param part of what is to be read; undefined if nobody knows how much there will be */
export function progressText({ records, bytes }: ConsumptionTally, seconds: number, part: number | undefined): string {
  return [
    ...(part === undefined ? [] : [`${Math.floor(part * 100)} %`]),
    `${number(records)} records`,
    sizeText(bytes),
    perSecond(records, seconds),
  ].join("  ");
}
