import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FIXTURES_FOLDER } from "../../../../../test/support/fixtures.ts";
import { compileTopicRegex, type TopicRegex } from "./topic-regex.ts";

/** What RE2/J says; see fixtures/README.md. */
interface RegexCase {
  readonly regex: string;
  readonly error?: string;
  /** Indexes of the names. */
  readonly matches?: readonly number[];
}

const [first, ...cases] = gunzipSync(readFileSync(join(FIXTURES_FOLDER, "topic-regexes.jsonl.gz")))
  .toString()
  .trim()
  .split("\n");
const { names }: { readonly names: readonly string[] } = JSON.parse(first!);
const regexCases: readonly RegexCase[] = cases.map((line) => JSON.parse(line));

describe("regular expressions for topics", () => {
  it("match what RE2/J matches, and are refused with its words", () => {
    expect(regexCases.length).toBeGreaterThan(500);
    for (const { regex, error, matches } of regexCases) {
      const compiled = compileTopicRegex(regex);
      const outcome = "syntaxError" in compiled ? { error: compiled.syntaxError } : { matches: matchingNames(compiled) };
      expect({ regex, ...outcome }).toEqual(error === undefined ? { regex, matches } : { regex, error });
    }
  });

  it.each(["(a*)*b", "(a|a)*b", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b", "(a?){200}a{200}b", "((((a+)+)+)+)+b"])(
    "take time that is linear in the name: %s meets 249 a's",
    (regex) => {
      const compiled = compileTopicRegex(regex);
      expect(compiled).not.toHaveProperty("syntaxError");
      expect((compiled as TopicRegex).matches("a".repeat(249))).toBe(false);
      expect((compiled as TopicRegex).matches(`${"a".repeat(248)}b`)).toBe(true);
    },
  );

  it.each(["(a{1000}){1000}", "((((((()){1000}){1000}){1000}){1000}){1000}){1000}", "a".repeat(20_000)])(
    "are refused when they would be too much work",
    (regex) => {
      expect(compileTopicRegex(regex)).toEqual({ syntaxError: "expression is too big" });
    },
  );

  it("are refused when they nest too deeply for the call stack", () => {
    expect(compileTopicRegex("(".repeat(30_000))).toEqual({ syntaxError: "expression nests too deeply" });
    expect(compileTopicRegex(`${"(".repeat(999)}a${")*".repeat(999)}`)).not.toHaveProperty("syntaxError");
  });
});

function matchingNames(regex: TopicRegex): number[] {
  return names.flatMap((name, index) => (regex.matches(name) ? [index] : []));
}
