import { describe, expect, it } from "vitest";
import { errorByName, errorCode, errorCodes } from "./error-codes.ts";

describe("the table of error codes", () => {
  it("has one row for each of the 138 codes from -1 to 136, in order", () => {
    expect(errorCodes.map((row) => row.code)).toEqual(Array.from({ length: 138 }, (_, i) => i - 1));
  });

  it("gives no name twice", () => {
    expect(new Set(errorCodes.map((row) => row.name)).size).toBe(errorCodes.length);
  });

  it("explains each in one sentence", () => {
    const isOneSentence = (text: string): boolean => /^[A-Z][^\n]*[^.]\.$/.test(text) && !/\. [A-Z]/.test(text);
    expect(errorCodes.filter((row) => !isOneSentence(row.meaning))).toEqual([]);
  });

  it("calls a code retriable whenever fresh metadata can cure it", () => {
    expect(errorCodes.filter((row) => row.refreshMetadata && !row.retriable)).toEqual([]);
  });

  it("finds the same row by number and by name", () => {
    for (const row of errorCodes) {
      expect(errorCode(row.code)).toBe(row);
      expect(errorByName(row.name)).toBe(row);
    }
  });

  it("does not let a row be changed", () => {
    expect(errorCodes.every((row) => Object.isFrozen(row))).toBe(true);
  });

  it.each([137, -2, 32767, -32768])("treats %i as UNKNOWN_SERVER_ERROR and keeps its number", (code) => {
    const row = errorCode(code);
    expect(row).toMatchObject({ code, name: "UNKNOWN_SERVER_ERROR", retriable: false, refreshMetadata: false });
    expect(row.meaning).toContain(String(code));
  });
});
