import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { optionsFromArguments, UsageError } from "./options.ts";
import { withEdit } from "./plants/planted-copy.ts";
import { plants } from "./plants/plants.ts";
import { runSeed } from "./run-seed.ts";
import { simulate } from "./simulate.ts";

const SEEDS = 25;

describe("a simulated life of clients and cluster", () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))("keeps all rules with the seed %i", async (seed) => {
    const { violations } = await simulate({ seed, twice: false, journal: false });
    expect(violations).toEqual([]);
  });

  it.each([101, 102, 103])("is the same twice from the seed %i: the same journal, byte for byte", async (seed) => {
    const journal = (await runSeed(seed)).journalText();
    expect(journal.length).toBeGreaterThan(1000);
    expect((await runSeed(seed)).journalText()).toBe(journal);
  });

  it("is another one from another seed", async () => {
    expect((await runSeed(104)).journalText()).not.toBe((await runSeed(105)).journalText());
  });
});

describe("the simulator's command line", () => {
  it("takes one seed, or many, or many from one on", () => {
    expect(optionsFromArguments(["--seed", "7"])).toMatchObject({ firstSeed: 7, seeds: 1 });
    expect(optionsFromArguments(["--seeds=20"])).toMatchObject({ firstSeed: 1, seeds: 20 });
    expect(optionsFromArguments(["--seeds", "20", "--seed", "7"])).toMatchObject({ firstSeed: 7, seeds: 20 });
  });

  it.each([[["--seeds", "0"]], [["--seeds", "many"]], [["--seed"]], [["--plant"]], [["--sead", "7"]]])("refuses %j", (words) => {
    expect(() => optionsFromArguments(words)).toThrow(UsageError);
  });
});

describe("a planted bug", () => {
  it.each(plants)("$name fits the sources as they are", ({ edits, name }) => {
    for (const { file, search, replacement } of edits) {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
      expect(withEdit(source, search, replacement, name)).not.toBe(source);
    }
  });

  it("replaces what is there exactly once, and refuses to plant nothing", () => {
    expect(withEdit("a b c", "b", "x", "it")).toBe("a x c");
    expect(() => withEdit("a b c", "d", "x", "it")).toThrow("it: the text to replace is there 0 times");
    expect(() => withEdit("b b", "b", "x", "it")).toThrow("is there 2 times");
  });
});
