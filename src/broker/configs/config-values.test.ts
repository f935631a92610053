import { describe, expect, it } from "vitest";
import type { ConfigDefinition } from "./config-definition.ts";
import { checkedValue } from "./config-values.ts";

const long: ConfigDefinition = { name: "retention.ms", type: "long", defaultValue: "1", min: -1, documentation: "" };
const int: ConfigDefinition = { name: "segment.bytes", type: "int", defaultValue: "1", min: 1_048_576, documentation: "" };
const level: ConfigDefinition = {
  name: "level",
  type: "int",
  defaultValue: "-1",
  min: 1,
  max: 9,
  exception: -1,
  documentation: "",
};
const ratio: ConfigDefinition = { name: "ratio", type: "double", defaultValue: "0.5", min: 0, max: 1, documentation: "" };
const flag: ConfigDefinition = { name: "preallocate", type: "boolean", defaultValue: "false", documentation: "" };
const word: ConfigDefinition = { name: "type", type: "string", defaultValue: "A", values: ["A", "B"], documentation: "" };
const list: ConfigDefinition = { name: "policy", type: "list", defaultValue: "x", values: ["x", "y"], documentation: "" };

describe("values are kept in the form in which Kafka describes them", () => {
  it.each([
    [long, " 5 ", "5"],
    [long, "+7", "7"],
    [long, "9223372036854775807", "9223372036854775807"],
    [ratio, "1", "1.0"],
    [ratio, "0.25", "0.25"],
    [flag, "TRUE", "true"],
    [flag, " false ", "false"],
    [word, " B ", "B"],
    [list, "x, y ,x", "x,y"],
    [list, "", ""],
    [level, "-1", "-1"],
  ])("%o: '%s'", (definition, text, value) => {
    expect(checkedValue(definition, text)).toEqual({ value });
  });
});

// The words are a 4.3.1 broker's.
describe("what is wrong with a value is said in Kafka's words", () => {
  it.each([
    [long, "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG"],
    [long, "", "Invalid value  for configuration retention.ms: Not a number of type LONG"],
    [long, "1.5", "Invalid value 1.5 for configuration retention.ms: Not a number of type LONG"],
    [long, "99999999999999999999", "Invalid value 99999999999999999999 for configuration retention.ms: Not a number of type LONG"],
    [long, "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1"],
    [int, "3000000000", "Invalid value 3000000000 for configuration segment.bytes: Not a number of type INT"],
    [int, "1", "Invalid value 1 for configuration segment.bytes: Value must be at least 1048576"],
    [level, "0", "Invalid value 0 for configuration level: Value must be between 1 and 9 or equal to -1"],
    [ratio, "2", "Invalid value 2.0 for configuration ratio: Value must be no more than 1"],
    [ratio, "y", "Invalid value y for configuration ratio: Not a number of type DOUBLE"],
    [flag, "x", "Invalid value x for configuration preallocate: Expected value to be either true or false"],
    [word, "x", "Invalid value x for configuration type: String must be one of: A, B"],
    [list, "x,z", "Invalid value z for configuration policy: String must be one of: x, y"],
  ])("%o: '%s'", (definition, text, problem) => {
    expect(checkedValue(definition, text)).toEqual({ problem });
  });

  it("does not try to make a number of a megabyte of digits", () => {
    expect(checkedValue(long, "9".repeat(1_000_000))).toHaveProperty("problem");
  });
});
