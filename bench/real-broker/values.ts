/** What is sent and read: the same bytes for all clients. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** So much that no batch of 1 MB holds a value twice. */
const LEAST_BYTES = 1_600_000;
const LEAST_COUNT = 1_000;
const SEED = 1;
const NAMES = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"] as const;

/**
 * A file of values, one a line: rows of a table as JSON, made of a few words that come again and numbers that do not. Compresses about as
 * well as an application's events do, to less than a third.
 */
export function writeValues(folder: string, valueBytes: number): string {
  const random = randomNumbers(SEED);
  const count = Math.max(LEAST_COUNT, Math.ceil(LEAST_BYTES / valueBytes));
  let text = "";
  for (let index = 0; index < count; index++) text += `${value(random, index, valueBytes)}\n`;
  const file = join(folder, `values-${valueBytes}.txt`);
  writeFileSync(file, text, "latin1");
  return file;
}

function value(random: () => number, index: number, bytes: number): string {
  let text = "[";
  while (text.length < bytes) text += row(random, index);
  return `${text.slice(0, bytes - 1)}]`;
}

function row(random: () => number, index: number): string {
  const id = Array.from({ length: 2 }, () => Math.floor(random() * 2 ** 32).toString(16)).join("");
  const name = NAMES[Math.floor(random() * NAMES.length)];
  return `{"id":"${id}","name":"${name}","amount":${(random() * 1000).toFixed(2)},"at":${1_700_000_000 + index}},`;
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What such a file has in it. */
export function readValues(file: string, valueBytes: number): readonly Buffer[] {
  const bytes = readFileSync(file);
  const stride = valueBytes + 1;
  return Array.from({ length: bytes.length / stride }, (_, index) => bytes.subarray(index * stride, index * stride + valueBytes));
}
