import { describe, expect, it } from "vitest";
import { OK } from "../command.ts";
import { demo } from "./demo.ts";

describe("kafkawire demo", () => {
  it("explains each byte of a request, and decodes what it encoded", async () => {
    let printed = "";
    const output = {
      write: (text: string) => {
        printed += text;
      },
      isTerminal: false,
    };
    expect(await demo.run([], output)).toBe(OK);
    const positions = [...printed.matchAll(/^ {0,4}(\d{1,3}) {2}([0-9a-f ]+?)(?: {2,}|$)/gm)];
    const shown = positions.reduce((total, [, , bytes = ""]) => total + bytes.trim().split(" ").length, 0);
    const size = Number(/version 9, (\d+) bytes/.exec(printed)?.[1]);
    expect(shown).toBe(size);
    expect(printed).toContain("CRC-32C, correct");
    expect(printed).toContain('"key":"order-1"');
    expect(printed).not.toContain("malformed");
  });
});
