import { harmless } from "../harmless-text.ts";
import { number, perSecond, sizeText } from "../quantity-text.ts";
import { counted } from "../text-table.ts";
import type { ProductionTally } from "./production-tally.ts";
import type { PumpEnd } from "./record-pump.ts";

export interface Production {
  readonly topic: string;
  readonly tally: ProductionTally;
  readonly seconds: number;
  readonly end: PumpEnd;
}

/** The summary, for people. */
export function summaryText({ topic, tally, seconds, end }: Production): string {
  const { records, bytes, failed, possiblyPersisted, wrongLines } = tally;
  const rate = `${perSecond(records, seconds)}, ${sizeText(seconds === 0 ? 0 : bytes / seconds)}/s`;
  const lines = [
    `${harmless(topic)}: ${number(records)} ${records === 1 ? "record" : "records"} (${sizeText(bytes)}) written in ${seconds.toFixed(2)} s: ${rate}`,
    ...(failed === 0 ? [] : [`failed: ${counted(failed, "record")}${unsure(possiblyPersisted)}`]),
    ...(wrongLines === 0 ? [] : [`not sent: ${counted(wrongLines, "wrong line")}`]),
    ...[...tally.kinds.values()].map(
      ({ code, count, firstLine, firstMessage }) =>
        `  ${number(count)} × ${harmless(code)}, first in line ${firstLine}: ${harmless(firstMessage)}`,
    ),
    ...(end === "end of input" ? [] : [`${end}: the rest of the input was not read`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The same for programs. */
export function summaryJson({ topic, tally, seconds, end }: Production): unknown {
  const { records, bytes, failed, possiblyPersisted, wrongLines } = tally;
  return {
    topic,
    records,
    bytes,
    seconds,
    recordsPerSecond: seconds === 0 ? 0 : Math.round(records / seconds),
    failed,
    possiblyPersisted,
    wrongLines,
    failures: [...tally.kinds.values()],
    end,
  };
}

/** @param part of the input that has been read; undefined if nobody knows how much there is */
export function progressText(tally: ProductionTally, seconds: number, part: number | undefined): string {
  const { records, bytes, failed, wrongLines } = tally;
  const errors = failed + wrongLines;
  return [
    ...(part === undefined ? [] : [`${Math.floor(part * 100)} %`]),
    `${number(records)} records`,
    sizeText(bytes),
    perSecond(records, seconds),
    ...(errors === 0 ? [] : [`${number(errors)} failed`]),
  ].join("  ");
}

function unsure(possiblyPersisted: number): string {
  return possiblyPersisted === 0 ? "" : `, ${number(possiblyPersisted)} of them possibly written all the same`;
}
