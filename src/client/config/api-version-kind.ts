import { type KafkaRelease, releases } from "../../protocol/index.ts";
import type { ValueKind } from "./setting.ts";
import { showValue } from "./show-value.ts";

/** `auto`, `"2.8"`, `"2.8.1"` (patches speak alike), or kafka-python's `[2, 8, 0]`. */
export const apiVersionKind: ValueKind<"auto" | KafkaRelease> = {
  type: "'auto' | '4.3' | [4, 3]",
  range: `${releases[0] ?? ""} … ${releases.at(-1) ?? ""}`,
  read: (value) => {
    if (value === "auto") return { value: "auto" };
    const release = releaseFromNumbers(numbersOf(value));
    if (release !== undefined) return { value: release };
    return {
      problem: `must be 'auto' or a release of Kafka from ${releases[0] ?? ""} to ${releases.at(-1) ?? ""}, not ${shown(value)}`,
    };
  },
  fromText: (text) => text,
};

function numbersOf(value: unknown): readonly number[] {
  if (typeof value === "string") return /^\d{1,3}(\.\d{1,3}){1,3}$/.test(value) ? value.split(".").map(Number) : [];
  if (!Array.isArray(value) || value.length < 2 || value.length > 4) return [];
  const numbers: number[] = [];
  for (const part of value) if (typeof part === "number" && Number.isInteger(part) && part >= 0) numbers.push(part);
  return numbers.length === value.length ? numbers : [];
}

function releaseFromNumbers([major, minor]: readonly number[]): KafkaRelease | undefined {
  return releases.find((release) => release === `${major}.${minor}`);
}

function shown(value: unknown): string {
  const numbers = numbersOf(value);
  return numbers.length > 0 ? numbers.join(".") : showValue(value);
}
