import { expect, it } from "vitest";
import { transactionalIdPattern } from "./transactional-id-pattern.ts";

it.each([
  [".*", "app:1/zahlung é 😀", true],
  ["app", "app-1", false],
  ["a.c", "a:c", true],
  ["[^/]+", "a/b", false],
  ["\\p{Lu}+", "ÄÖ", false],
  ["\\Qa+b\\E", "a+b", true],
  ["[[:punct:]]+", ":/~", true],
  ["(a*)*b", "a".repeat(5000), false],
])("the pattern %s and the id %s", (pattern, id, expected) => {
  expect(transactionalIdPattern(pattern)?.(id)).toBe(expected);
});

it.each(["(", "a{2,1}", "(?=l).*", "(l)\\1", "a{1001}", "[z-a]", "x**"])("%s is no pattern", (pattern) => {
  expect(transactionalIdPattern(pattern)).toBeUndefined();
});
