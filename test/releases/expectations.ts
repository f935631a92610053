// What the clients saw on real brokers, by client and broker.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("expected.json", import.meta.url));

export type Expectations = Readonly<Record<string, readonly string[]>>;

export function readExpectations(): Expectations {
  return JSON.parse(readFileSync(FILE, "utf8")) as Expectations;
}

export function writeExpectations(expectations: Expectations): void {
  writeFileSync(FILE, `${JSON.stringify(expectations, undefined, 2)}\n`);
}
